import type { InferInput, InferResult, InferSegmentInput, InferSegmentResult } from './infer.ts';
import type {
  BackupList,
  CheckPipelineInput,
  CheckPipelineResult,
  ListBackupsInput,
  PruneRunsInput,
  PruneRunsResult,
  RemoveLeftoversInput,
  RemoveLeftoversResult,
  RollbackInput,
  RollbackResult,
} from './maintenance.ts';
import type {
  ExtractSegmentInput,
  LoadResult,
  LoadTableInput,
  RefreshInput,
  RefreshResult,
  SegmentResult,
} from './refresh.ts';

/**
 * The workflows by the names under which workers register them, for a client that starts one itself:
 * `client.workflow.start<Workflows['inferSchema']>('inferSchema', { taskQueue: CONTROL_TASK_QUEUE, … })`. All of them
 * run on the control task queue.
 */
export interface Workflows {
  /** One run: copies a table into the warehouse, or does some phases of that. */
  refreshWarehouse(input: RefreshInput): Promise<RefreshResult>;
  /** One segment of a planned run. */
  extractSegment(input: ExtractSegmentInput): Promise<SegmentResult>;
  /** One table of a prepared run. */
  loadTable(input: LoadTableInput): Promise<LoadResult>;
  /** Reads a table or a sample of it and agrees on its schema; copies nothing. */
  inferSchema(input: InferInput): Promise<InferResult>;
  /** One segment of a planned inference. */
  inferSegment(input: InferSegmentInput): Promise<InferSegmentResult>;
  /** Restores a backup. */
  rollbackWarehouse(input: RollbackInput): Promise<RollbackResult>;
  /** What a rollback can return to. */
  listBackups(input: ListBackupsInput): Promise<BackupList>;
  /** Deletes the directories of old runs. */
  pruneRuns(input: PruneRunsInput): Promise<PruneRunsResult>;
  /** Checks everything that a run of a pipeline needs. */
  checkPipeline(input: CheckPipelineInput): Promise<CheckPipelineResult>;
  /** Removes what `checkPipeline` found left over. */
  removeLeftovers(input: RemoveLeftoversInput): Promise<RemoveLeftoversResult>;
}
