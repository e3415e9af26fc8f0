import type { PrunedLog } from './changes/follow-activities.ts';
import type {
  BackupList,
  CheckDatasetInput,
  CheckDatasetResult,
  CheckLoaderInput,
  CheckLoaderResult,
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
import type { PlanPipelineInput, PlanPipelineResult } from './plan-pipeline.ts';

/** The activities that maintenance workflows call: types only. */
export interface MaintenanceActivities {
  /** Swaps a backup in. @param input.request names the rollback, so that a repeat keeps the first choice. */
  rollBack(input: RollbackInput & { readonly request: string }): Promise<RollbackResult>;
  backupsOf(input: ListBackupsInput): Promise<BackupList>;
  /** Deletes run directories that need not be kept, and unfinished uploads. */
  pruneRunDirectories(input: PruneRunsInput): Promise<PruneRunsResult>;
  /** Deletes what a pipeline's change log no longer needs. */
  pruneChangeLog(input: { readonly pipeline: string }): Promise<PrunedLog>;
  /** Checks everything that a run needs from DynamoDB, S3 and Redshift. */
  checkServices(input: CheckPipelineInput): Promise<CheckPipelineResult>;
  /** Checks everything that a loader needs from S3, SQS and Redshift. */
  checkLoaderServices(input: CheckLoaderInput): Promise<CheckLoaderResult>;
  /** Checks everything that a dataset needs from S3, SQS, Glue and the worker. */
  checkDatasetServices(input: CheckDatasetInput): Promise<CheckDatasetResult>;
  /** Describes the table, reads a sample, and checks what a run needs. */
  estimateRun(input: PlanPipelineInput): Promise<PlanPipelineResult>;
  removeFound(input: RemoveLeftoversInput): Promise<RemoveLeftoversResult>;
}
