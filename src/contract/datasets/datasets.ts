/** Inputs, results and messages of the workflows of datasets: the JSON that our CLI, the `temporal` CLI and the Web UI show. */

/** For activities that read files and write Parquet: they take memory, disk and cores. */
export const DATASETS_TASK_QUEUE = 'tributary-datasets';

/** Input of `refreshDataset`: takes every new file, and publishes its rows. */
export interface RefreshDatasetInput {
  readonly dataset: string;
  /** List the whole prefix, not only the folders of the last days. Default: once a day. */
  readonly everything?: boolean;
  /** Publish rows for late days as well. Default: as often as `late.every` says. */
  readonly late?: boolean;
  /**
   * Instead of new files: recreates the partitions of these days, both included, from their raw files with the current record module.
   * Refused if a file is gone, or if a record would move to another day.
   */
  readonly rebuild?: {
    readonly from: string;
    readonly to: string;
    /** Rows of files that are gone or were overwritten stay as they are. Default: such a file refuses the rebuild. */
    readonly keepLost?: boolean;
  };
  /** Instead of new files: reads the files again that have records set aside; all, or those that one intake set aside. */
  readonly replay?: { readonly intake?: number };
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: unknown;
}

export interface RefreshDatasetResult {
  readonly dataset: string;
  readonly files: number;
  readonly records: number;
  readonly rejects: number;
  /** Partitions that have a new generation. */
  readonly partitions: number;
  /** Batches that were parked: the next run takes their files. */
  readonly parked: number;
  /** What changed in the catalogue; absent without one, and if its update failed. */
  readonly catalogue?: CatalogueUpdate;
  /** At most 20 of the batches and partitions that failed, and the catalogue. */
  readonly failed: readonly FailedChild[];
  /** At most 20: checks of severity `warn` that did not hold of partitions that were published, and files that a rebuild left out. */
  readonly warnings?: readonly string[];
  /** The version of the record module that the worker has. */
  readonly code?: string;
}

/** Input of `updateCatalogue`: brings the table in the catalogue to the current generations. */
export interface UpdateCatalogueInput {
  readonly dataset: string;
}

/** What changed in the catalogue. */
export interface CatalogueUpdate {
  /** `database.table` */
  readonly table: string;
  /** All that it has now. */
  readonly partitions: number;
  readonly added: number;
  /** To another generation, or with more columns. */
  readonly switched: number;
  readonly removed: number;
}

/** How the table in the catalogue is: `behind` if it is missing or lacks columns. */
export type CatalogueState = 'none' | 'current' | 'behind';

/** Input of `readBatch`: one batch of an intake, from its files to rows by partition. */
export interface ReadBatchInput {
  readonly dataset: string;
  readonly intake: number;
  readonly batch: number;
}

export interface ReadBatchResult {
  readonly batch: number;
  readonly files: number;
  readonly records: number;
  readonly rejects: number;
  readonly partitions: number;
}

/** Input of `buildPartition`: one generation, of what intakes offer to the partition. */
export interface BuildPartitionInput {
  readonly dataset: string;
  /** Its path: `record_date=2026-11-01`. */
  readonly partition: string;
  /** Of a derived dataset: the time for which it is built. ISO 8601. Default: now. */
  readonly now?: string;
  /** Of a derived dataset: build it although it is complete. */
  readonly force?: boolean;
  /** Of a derived dataset, by input: the partitions that a rule which is a function has named in the plan. Default: it is asked. */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
  /** Of a source: publish it without rows, if it is not there. */
  readonly empty?: boolean;
}

export interface BuildPartitionResult {
  readonly partition: string;
  readonly generation: number;
  readonly rows: number;
  /** Nothing was new: it has the generation that it had. */
  readonly isUnchanged: boolean;
  /** Checks of severity `warn` that did not hold. */
  readonly warnings?: readonly string[];
}

/** Input of `watchDataset`: takes files as the dataset's queue announces them. */
export interface WatchDatasetInput {
  readonly dataset: string;
}

export const watchDatasetWorkflowId = (dataset: string) => `arrivals/${dataset}`;
export const datasetWorkflowId = (dataset: string, time: string) => `dataset/${dataset}/${time}`;
/** Without its parent's id, so that of two runs that want a batch one reads it. */
export const readBatchWorkflowId = (dataset: string, intake: number, batch: number) =>
  `read/${dataset}/${String(intake).padStart(6, '0')}/batch-${String(batch).padStart(5, '0')}`;
/** Without its parent's id, so that two runs that want a partition build it once. */
export const buildPartitionWorkflowId = (dataset: string, partition: string) =>
  `build/${dataset}/${partition}`;

/** Without its parent's id: one writer per table. */
export const updateCatalogueWorkflowId = (dataset: string) => `catalogue/${dataset}`;

/** Answer of the query `progress` of `refreshDataset`. */
export interface DatasetProgress {
  readonly dataset: string;
  readonly phase: 'plan' | 'read' | 'build' | 'catalogue' | 'close' | 'done';
  readonly files: number;
  readonly records: number;
  readonly rejects: number;
  /** Of the current intake. */
  readonly batches?: ChildrenProgress;
  readonly partitions?: ChildrenProgress & {
    /** Rows for late days wait in them. */
    readonly held: number;
  };
  readonly catalogue?: CatalogueUpdate;
  /** At most 20. */
  readonly failed: readonly FailedChild[];
}

export interface ChildrenProgress {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
}

export interface FailedChild {
  /** `batch 4`, `partition record_date=2026-11-01`, or `catalogue`. */
  readonly child: string;
  readonly workflowId: string;
  readonly code: string;
  readonly error: string;
}
