import type { BucketMaintenance } from '../../clients/bucket-maintenance.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { Warehouse, WarehouseTarget } from '../../clients/warehouse.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { UnforeseenErrors } from './unforeseen-errors.ts';

/** What the activities work with: made once by the worker, or by a test. */
export interface Dependencies {
  readonly source: TableSource;
  store(bucket: string): ObjectStore;
  bucketMaintenance(bucket: string): BucketMaintenance;
  warehouse(target: WarehouseTarget): Warehouse;
  /** A pipeline of the worker's configuration, read anew at each call. @throws Terminal where there is none. */
  definitionOf(pipeline: string): Promise<PipelineDefinition>;
  /** Counted for this worker alone. */
  readonly unforeseen: UnforeseenErrors;
  /** Aborted when the worker begins to stop: long work is to be put where another worker can go on. */
  readonly stopping?: AbortSignal;
}
