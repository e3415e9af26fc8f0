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

/** What the workflows that look after a pipeline call: types only. */
export interface MaintenanceActivities {
  /** Swaps a backup in. @param input.request names the rollback, so that it chooses once. */
  rollBack(input: RollbackInput & { readonly request: string }): Promise<RollbackResult>;
  backupsOf(input: ListBackupsInput): Promise<BackupList>;
  /** Deletes run directories that are no longer to be kept, and unfinished uploads. */
  pruneRunDirectories(input: PruneRunsInput): Promise<PruneRunsResult>;
  /** Asks DynamoDB, S3 and Redshift whatever a run will need of them. */
  checkServices(input: CheckPipelineInput): Promise<CheckPipelineResult>;
  removeFound(input: RemoveLeftoversInput): Promise<RemoveLeftoversResult>;
}
