import type {
  MuteAlertsInput,
  MutedAlerts,
  SendAlertInput,
  SendAlertResult,
  TestAlertsInput,
  TestAlertsResult,
  WatchScheduleInput,
  WatchScheduleResult,
} from './alerts.ts';
import type {
  ApplyChangesInput,
  FollowChangesInput,
  ReadShardInput,
  ReadShardResult,
} from './changes/changes.ts';
import type {
  BuildPartitionInput,
  BuildPartitionResult,
  CatalogueUpdate,
  ReadBatchInput,
  ReadBatchResult,
  RefreshDatasetInput,
  RefreshDatasetResult,
  UpdateCatalogueInput,
  WatchDatasetInput,
} from './datasets/datasets.ts';
import type {
  ApproveStepInput,
  ApproveStepResult,
  ExplainedPartition,
  ExplainPartitionInput,
  PlanDatasetsInput,
  PlanDatasetsResult,
  PublishGroupInput,
  PublishGroupResult,
  RefreshGraphInput,
  RefreshGraphResult,
} from './datasets/graph.ts';
import type { InferInput, InferResult, InferSegmentInput, InferSegmentResult } from './infer.ts';
import type { SendLineageInput } from './lineage.ts';
import type { BulkLoadInput, BulkLoadResult } from './loader/bulk-load.ts';
import type {
  AcceptTableInput,
  LoadBatchInput,
  LoadBatchResult,
  LoadFilesInput,
  WatchFilesInput,
} from './loader/loader.ts';
import type { WatchResult } from './loader/watch.ts';
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
  /** One run: copies a table into the warehouse, or does only some of its phases. */
  refreshWarehouse(input: RefreshInput): Promise<RefreshResult>;
  /** Extracts one segment of a planned run. */
  extractSegment(input: ExtractSegmentInput): Promise<SegmentResult>;
  /** Loads one table of a prepared run. */
  loadTable(input: LoadTableInput): Promise<LoadResult>;
  /** Reads a table or a sample of it and agrees on its schema; copies nothing. */
  inferSchema(input: InferInput): Promise<InferResult>;
  /** Scans one segment of a planned inference. */
  inferSegment(input: InferSegmentInput): Promise<InferSegmentResult>;
  /** Reads the stream of a pipeline's table into its change log, and never ends. */
  followChanges(input: FollowChangesInput): Promise<void>;
  /** Reads one shard of a stream into the change log, to its end. */
  readShard(input: ReadShardInput): Promise<ReadShardResult>;
  /** Applies the changes of a pipeline to one destination, and never ends. */
  applyChanges(input: ApplyChangesInput): Promise<void>;
  /** Takes every new file of a dataset, and publishes its rows. */
  refreshDataset(input: RefreshDatasetInput): Promise<RefreshDatasetResult>;
  /** Reads one batch of an intake: its files become rows by partition. */
  readBatch(input: ReadBatchInput): Promise<ReadBatchResult>;
  /** Publishes one generation of a partition. */
  buildPartition(input: BuildPartitionInput): Promise<BuildPartitionResult>;
  /** Brings a dataset’s table in the catalogue to the current generations. */
  updateCatalogue(input: UpdateCatalogueInput): Promise<CatalogueUpdate>;
  /** Takes new files of sources, and builds all partitions of derived datasets that are stale. */
  refreshGraph(input: RefreshGraphInput): Promise<RefreshGraphResult>;
  /** What a run of derived datasets would build, and why. */
  planDatasets(input: PlanDatasetsInput): Promise<PlanDatasetsResult>;
  /** Publishes a group of datasets, as it is now. */
  publishGroup(input: PublishGroupInput): Promise<PublishGroupResult>;
  /** What a published partition was built from. */
  explainPartition(input: ExplainPartitionInput): Promise<ExplainedPartition>;
  /** Lets all partitions of a derived dataset be rebuilt by its current step. */
  approveStep(input: ApproveStepInput): Promise<ApproveStepResult>;
  /** Takes the files of a dataset as its queue announces them, and never ends. */
  watchDataset(input: WatchDatasetInput): Promise<void>;
  /** Takes over a table that replaced the one that a loader knew. */
  acceptTable(input: AcceptTableInput): Promise<void>;
  /** Loads a prefix or a manifest through a loader, and may replace rows by it. */
  bulkLoad(input: BulkLoadInput): Promise<BulkLoadResult>;
  /** Loads one batch of a loader. */
  loadBatch(input: LoadBatchInput): Promise<LoadBatchResult>;
  /** The loader of one table: loads the files of its inbox in batches, and never ends. */
  loadFiles(input: LoadFilesInput): Promise<void>;
  /** Restores a backup. */
  rollbackWarehouse(input: RollbackInput): Promise<RollbackResult>;
  /** Lists the backups that a rollback can restore. */
  listBackups(input: ListBackupsInput): Promise<BackupList>;
  /** Deletes the directories of old runs. */
  pruneRuns(input: PruneRunsInput): Promise<PruneRunsResult>;
  /** Checks everything that a run of a pipeline needs. */
  checkPipeline(input: CheckPipelineInput): Promise<CheckPipelineResult>;
  /** Checks everything that a loader needs. */
  checkLoader(input: CheckLoaderInput): Promise<CheckLoaderResult>;
  /** Checks everything that a dataset needs. */
  checkDataset(input: CheckDatasetInput): Promise<CheckDatasetResult>;
  /** Estimates what a run would take, and finds what would stop it. */
  planPipeline(input: PlanPipelineInput): Promise<PlanPipelineResult>;
  /** Delivers one event to the destinations of alerts. */
  sendAlert(input: SendAlertInput): Promise<SendAlertResult>;
  /** Sends one event of a run to the OpenLineage endpoint. */
  sendLineage(input: SendLineageInput): Promise<void>;
  /** Sends a test alert and reports what each destination answered. */
  testAlerts(input: TestAlertsInput): Promise<TestAlertsResult>;
  /** Reports a schedule that did not finish in time. Temporal starts it whenever the schedule is due. */
  watchSchedule(input: WatchScheduleInput): Promise<WatchScheduleResult>;
  /** Mutes or unmutes the alerts of a pipeline. */
  muteAlerts(input: MuteAlertsInput): Promise<MutedAlerts>;
  /** Moves the files that a queue announces, or that a listing finds, into the inboxes of loaders. Never ends while one uses it. */
  watchFiles(input: WatchFilesInput): Promise<WatchResult>;
  /** Removes the leftovers that `checkPipeline` found. */
  removeLeftovers(input: RemoveLeftoversInput): Promise<RemoveLeftoversResult>;
}
