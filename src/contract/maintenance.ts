import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { KeptRun } from '../pipeline/run/prune-plan.ts';

/** What goes into and comes out of the workflows that look after a pipeline. */

/** Input of `rollbackWarehouse`. */
export interface RollbackInput {
  readonly pipeline: string;
  /** Where it is not given, the pipeline is looked up in the worker's configuration. */
  readonly definition?: PipelineDefinition;
  /** The run to have live again; the newest backup's where it is not given. */
  readonly to?: string;
}

/** Result of `rollbackWarehouse`. */
export interface RollbackResult {
  readonly pipeline: string;
  readonly schema: string;
  /** What live holds now. */
  readonly run: string;
  readonly extractedFrom: string;
  /** What live held, and the backup that holds it now; null where nothing was live, or nothing was to be done. */
  readonly replaced: string | null;
  readonly backupSchema: string | null;
}

/** Input of `listBackups`. */
export interface ListBackupsInput {
  readonly pipeline: string;
  readonly definition?: PipelineDefinition;
}

/** Result of `listBackups`. */
export interface BackupList {
  readonly pipeline: string;
  readonly schema: string;
  readonly live: { readonly run: string; readonly extractedFrom: string } | null;
  /** What a rollback would choose first, first. */
  readonly backups: readonly Backup[];
}

interface Backup {
  readonly schema: string;
  readonly run: string;
  readonly extractedFrom: string;
  /** It was live and rolled back from. */
  readonly undone: boolean;
  readonly tables: number;
  readonly rows: number;
  /** On Redshift's disks, in whole megabytes; null where the database user may not see it. */
  readonly megabytes: number | null;
}

/** Input of `pruneRuns`. */
export interface PruneRunsInput {
  readonly pipeline: string;
  readonly definition?: PipelineDefinition;
  /** How many successful runs stay; the definition's `staging.keepRuns` where it is not given. */
  readonly keep?: number;
  /** Only tell what would be deleted. */
  readonly dryRun?: boolean;
  /** Uploads in parts are given up when they were begun longer ago than this; 24 where it is not given. */
  readonly uploadHours?: number;
}

/** Result of `pruneRuns`. */
export interface PruneRunsResult {
  readonly pipeline: string;
  readonly dryRun: boolean;
  /** The oldest first. */
  readonly deleted: readonly DeletedRun[];
  readonly kept: readonly KeptRun[];
  /** Keys whose unfinished uploads were given up. */
  readonly uploads: readonly string[];
  /** Of all that was deleted. */
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
  readonly definition?: PipelineDefinition;
}

/** Result of `checkPipeline`. */
export interface CheckPipelineResult {
  readonly pipeline: string;
  readonly checks: readonly Check[];
  /** What nobody needs any more, and can be removed. */
  readonly leftovers: readonly Leftover[];
}

export interface Check {
  readonly area: 'configuration' | 'Temporal' | 'workers' | 'DynamoDB' | 'S3' | 'Redshift' | 'leftovers';
  /** What was asked, in a few words. */
  readonly what: string;
  /** `unknown`: it could not be asked, and nothing depends on it. */
  readonly state: 'ok' | 'warning' | 'problem' | 'unknown';
  /** What was found. */
  readonly found: string;
  /** Of a warning or a problem. */
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

/** Input of `removeLeftovers`: what `checkPipeline` found. Each is looked at again before it goes. */
export interface RemoveLeftoversInput {
  readonly pipeline: string;
  readonly definition?: PipelineDefinition;
  readonly leftovers: readonly Leftover[];
}

/** Result of `removeLeftovers`. */
export interface RemoveLeftoversResult {
  readonly removed: readonly string[];
  /** What stayed, each with the reason. */
  readonly kept: readonly string[];
}

export const rollbackWorkflowId = (pipeline: string, request: string) => `rollback-${pipeline}-${request}`;
export const pruneWorkflowId = (pipeline: string) => `prune-${pipeline}`;
