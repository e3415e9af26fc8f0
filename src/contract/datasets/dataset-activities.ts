import type {
  BuildPartitionInput,
  BuildPartitionResult,
  CatalogueState,
  CatalogueUpdate,
  ReadBatchInput,
  ReadBatchResult,
  RefreshDatasetInput,
  UpdateCatalogueInput,
} from './datasets.ts';

/** Where the alerts of a dataset are noted. */
export interface AlertsPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** On the control queue. */
export interface DatasetControlActivities {
  /** Undefined if the worker's configuration has no destinations of alerts. */
  placeOfAlerts(input: { readonly dataset: string }): Promise<AlertsPlace | undefined>;
  /** Finds new files, and claims an intake for them. */
  planIntake(input: PlanIntakeInput): Promise<PlannedIntake>;
  /** Closes a rebuild of which nothing is to be published. @returns false if all of its batches were read after all, so that it is published */
  abandonIntake(input: {
    readonly dataset: string;
    readonly intake: number;
    readonly why: string;
  }): Promise<boolean>;
  /** Gives up batches that failed: their files stay untaken, and the intake can be closed without them. */
  parkBatches(input: ParkBatchesInput): Promise<void>;
  /** The partitions whose generations lack what open intakes offer. */
  wantedPartitions(input: { readonly dataset: string; readonly late: boolean }): Promise<WantedPartitions>;
  /** Compares the table in the catalogue with the dataset’s columns. It changes nothing. */
  checkCatalogue(input: UpdateCatalogueInput): Promise<CatalogueState>;
  /** Brings the table in the catalogue, and its partitions, to what the pointers say. */
  reconcileCatalogue(input: UpdateCatalogueInput): Promise<CatalogueUpdate>;
  /** Closes intakes whose rows are published. */
  closeIntakes(input: { readonly dataset: string; readonly late: boolean }): Promise<ClosedIntakes>;
  /** Deletes what nothing needs, once a day. */
  pruneDataset(input: { readonly dataset: string }): Promise<PrunedDataset>;
}

/** What was deleted. */
export interface PrunedDataset {
  readonly generations: number;
  readonly objects: number;
  readonly bytes: number;
}

/** On the queue `tributary-loaders`. */
export interface DatasetWatchActivities {
  /** Waits until files of the dataset are announced, and gathers more for a time. */
  awaitArrivals(input: AwaitArrivalsInput): Promise<Arrivals>;
}

export interface AwaitArrivalsInput {
  readonly dataset: string;
  /** Without an announcement, it returns after this time. */
  readonly mostSeconds: number;
}

export interface Arrivals {
  readonly files: number;
  /** An earlier attempt may have seen some, and did not report them. */
  readonly isUnsure: boolean;
}

/** On the queue `tributary-datasets`. */
export interface DatasetActivities {
  readBatchFiles(input: ReadBatchInput): Promise<ReadBatchResult>;
  buildGeneration(input: BuildPartitionInput): Promise<BuildPartitionResult>;
}

export interface PlanIntakeInput extends Omit<RefreshDatasetInput, 'carried'> {
  /** Random id of the execution. */
  readonly attempt: string;
  /** The id of the run's workflow. */
  readonly owner: string;
  /** The last key that the run has planned: it takes files after it, each once. */
  readonly after?: string;
}

export interface PlannedIntake {
  /** Absent if there are no new files. */
  readonly intake?: number;
  /** That are to be read. */
  readonly files: number;
  readonly bytes: number;
  /** Those that are to be read: all, or those that an earlier run did not get to. */
  readonly batches: readonly number[];
  /** After this intake the run plans another one. */
  readonly hasMore: boolean;
  /** The last key that the run has planned so far. */
  readonly after?: string;
  /** Rows for late days are published, too. */
  readonly late: boolean;
  /** The version of the record module that the worker has. Absent in earlier histories. */
  readonly code?: string;
  /** Of a rebuild: what it leaves out. */
  readonly warnings?: readonly string[];
  /** The worker's configuration has an OpenLineage endpoint. */
  readonly lineage?: true;
}

export interface ParkBatchesInput {
  readonly dataset: string;
  readonly intake: number;
  readonly batches: readonly { readonly batch: number; readonly code: string; readonly error: string }[];
}

interface WantedPartitions {
  readonly partitions: readonly string[];
  /** Partitions whose rows wait for the next late pass. */
  readonly held: number;
}

export interface ClosedIntakes {
  readonly closed: number;
  /** Intakes that stay open: some of their rows wait. */
  readonly open: number;
}
