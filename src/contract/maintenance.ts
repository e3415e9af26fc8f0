import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { KeptRun } from '../pipeline/run/prune-plan.ts';

/** Inputs and results of the maintenance workflows. */

/** Input of `rollbackWarehouse`. */
export interface RollbackInput {
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  /** Default: that of the pipeline in the worker's configuration. */
  readonly definition?: PipelineDefinition;
  /** The run to restore. Default: that of the newest backup. */
  readonly to?: string;
}

/** Result of `rollbackWarehouse`. */
export interface RollbackResult {
  readonly pipeline: string;
  readonly schema: string;
  /** What live holds now. */
  readonly run: string;
  readonly extractedFrom: string;
  /** The run that was live, and the backup that holds it now; null if nothing was live or nothing had to be done. */
  readonly replaced: string | null;
  readonly backupSchema: string | null;
  /** Absent unless statements may have noticed the swap. */
  readonly note?: string;
  /** The bound views that the swap recreated. Absent if there were none. */
  readonly views?: readonly string[];
}

/** Input of `listBackups`. */
export interface ListBackupsInput {
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  readonly definition?: PipelineDefinition;
}

/** Result of `listBackups`. */
export interface BackupList {
  readonly pipeline: string;
  readonly schema: string;
  readonly live: { readonly run: string; readonly extractedFrom: string } | null;
  /** In the order in which a rollback would choose them. */
  readonly backups: readonly Backup[];
}

interface Backup {
  readonly schema: string;
  readonly run: string;
  readonly extractedFrom: string;
  /** It was live, and a rollback replaced it. */
  readonly undone: boolean;
  readonly tables: number;
  readonly rows: number;
  /** Size on Redshift's disks, in whole megabytes; null if the database user may not see it. */
  readonly megabytes: number | null;
}

/** Input of `pruneRuns`. */
export interface PruneRunsInput {
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  readonly definition?: PipelineDefinition;
  /** How many successful runs to keep. Default: the definition's `staging.keepRuns`. */
  readonly keep?: number;
  /** Only report what would be deleted. */
  readonly dryRun?: boolean;
  /** Multipart uploads older than this many hours are aborted. Default: 24. */
  readonly uploadHours?: number;
}

/** Result of `pruneRuns`. */
export interface PruneRunsResult {
  readonly pipeline: string;
  readonly dryRun: boolean;
  /** The oldest first. */
  readonly deleted: readonly DeletedRun[];
  readonly kept: readonly KeptRun[];
  /** Keys whose unfinished uploads were aborted. */
  readonly uploads: readonly string[];
  /** Total size of what was deleted. */
  readonly bytes: number;
}

export interface DeletedRun {
  readonly run: string;
  readonly objects: number;
  readonly bytes: number;
}

/** Input of `checkPipeline`. */
export interface CheckPipelineInput {
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  readonly definition?: PipelineDefinition;
}

/** Result of `checkPipeline`. */
export interface CheckPipelineResult {
  readonly pipeline: string;
  readonly checks: readonly Check[];
  /** What is no longer needed and can be removed. */
  readonly leftovers: readonly Leftover[];
}

/** Input of `checkLoader`. */
export interface CheckLoaderInput {
  /** A loader of the worker's configuration. */
  readonly loader: string;
}

/** Result of `checkLoader`. */
export interface CheckLoaderResult {
  readonly loader: string;
  readonly checks: readonly Check[];
}

/** Input of `checkDataset`. */
export interface CheckDatasetInput {
  /** A dataset of the worker's configuration: of files, derived or fetched. */
  readonly dataset: string;
}

/** Result of `checkDataset`. */
export interface CheckDatasetResult {
  readonly dataset: string;
  readonly checks: readonly Check[];
}

export interface Check {
  readonly area:
    | 'configuration'
    | 'Temporal'
    | 'workers'
    | 'DynamoDB'
    | 'S3'
    | 'SQS'
    | 'Glue'
    | 'DuckDB'
    | 'Redshift'
    | 'leftovers';
  /** What was checked, in a few words. */
  readonly what: string;
  /** `unknown`: it could not be checked, and no run depends on it. */
  readonly state: 'ok' | 'warning' | 'problem' | 'unknown';
  /** What was found. */
  readonly found: string;
  /** Present for a warning or a problem. */
  readonly whatToDo?: string;
}

export type Leftover =
  | {
      readonly kind: 'schema';
      readonly name: string;
      readonly run: string;
      readonly why: string;
    }
  | {
      readonly kind: 'upload';
      readonly key: string;
      readonly uploadId: string;
      readonly startedAt: string;
      readonly why: string;
    };

/** Input of `removeLeftovers`: what `checkPipeline` found. Each is checked again before it is removed. */
export interface RemoveLeftoversInput {
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  readonly definition?: PipelineDefinition;
  readonly leftovers: readonly Leftover[];
}

/** Result of `removeLeftovers`. */
export interface RemoveLeftoversResult {
  readonly removed: readonly string[];
  /** What was kept, each with its reason. */
  readonly kept: readonly string[];
}

export const rollbackWorkflowId = (pipeline: string, request: string) => `rollback-${pipeline}-${request}`;
export const pruneWorkflowId = (pipeline: string) => `prune-${pipeline}`;
