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

/** On the control queue. */
export interface DatasetControlActivities {
  /** Finds new files, and claims an intake for them. */
  planIntake(input: PlanIntakeInput): Promise<PlannedIntake>;
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
}

/** On the queue `tributary-datasets`. */
export interface DatasetActivities {
  readBatchFiles(input: ReadBatchInput): Promise<ReadBatchResult>;
  buildGeneration(input: BuildPartitionInput): Promise<BuildPartitionResult>;
}

export interface PlanIntakeInput extends Omit<RefreshDatasetInput, 'carried'> {
  /** Random id of the execution. */
  readonly attempt: string;
  /** The last key that the run has planned: it takes files after it, each once. */
  readonly after?: string;
}

export interface PlannedIntake {
  /** Absent if there are no new files. */
  readonly intake?: number;
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
