/** Inputs, results and messages of the workflows that follow a table's changes: the JSON that our CLI, the `temporal` CLI and the Web UI show. */

/** For activities that mostly wait: reading the shards of a stream. */
export const CHANGES_TASK_QUEUE = 'tributary-changes';

/** Input of `followChanges`: the log of one pipeline. */
export interface FollowChangesInput {
  readonly pipeline: string;
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: unknown;
}

/** Input of `readShard`: one shard of the stream, from its last checkpoint to its end. */
export interface ReadShardInput {
  readonly pipeline: string;
  readonly epoch: string;
  readonly shard: string;
  /** Where the log is. Default: that of the pipeline in the worker's configuration. */
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** The workflow to notify when it ends; absent if an operator starts it alone. */
  readonly parent?: string;
}

/** Result of `readShard`. */
export interface ReadShardResult {
  readonly shard: string;
  readonly records: number;
  readonly checkpoints: number;
}

/** The destination of a pipeline that has only `warehouse`. */
export const SINGLE_DESTINATION = 'warehouse';

/** Input of `applyChanges`: the log, applied to one destination. */
export interface ApplyChangesInput {
  readonly pipeline: string;
  /** Default: `warehouse`. */
  readonly destination?: string;
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: unknown;
}

/** Answer of the query `lag`, of `applyChanges` and `followChanges` alike: what is recorded and not applied. */
export interface ChangesLag {
  /** Age of the oldest change that is not applied, plus the time since the log was read last; 0 if there is none. */
  readonly seconds: number;
  readonly bytes: number;
  readonly count: number;
}

/** Answer of the query `progress` of `followChanges`. */
export interface FollowProgress {
  readonly pipeline: string;
  /** That of the table's stream. Shards of an earlier one may still be read. */
  readonly epoch: string;
  /** Changes come from incremental exports, and its shards are their windows. Absent: from a stream. */
  readonly kind?: 'exports';
  /** `waiting`: a shard has no reader, or the stream cannot be watched. `gap`: something was lost, and waits for a refresh. */
  readonly state: 'following' | 'waiting' | 'gap' | 'paused';
  readonly paused?: { readonly reason: string; readonly at: string };
  /** Why the stream cannot be watched, or has no new changes, and since when. */
  readonly trouble?: { readonly code: string; readonly error: string; readonly at: string };
  /** Shards that are read, those whose reading failed, and those of the epoch that were read to their end. */
  readonly open: number;
  readonly failed: number;
  readonly ended: number;
  /** At most 50 that are not read to their end: those that failed first. */
  readonly shards: readonly ShardProgress[];
  /** Of the epochs that are read. */
  readonly gaps: readonly {
    readonly reason: string;
    readonly message: string;
    readonly at: string;
    readonly shard?: string;
  }[];
  /** Absent until the first pruning. */
  readonly log?: LogProgress;
}

/** What the daily pruning of a log left, or why it failed. */
export type LogProgress =
  | {
      /** Bytes of the log, of all epochs. */
      readonly bytes: number;
      /** What needs changes that are older than `keepDays`: `schema orders`, `history lake`. */
      readonly keptFor: readonly string[];
      /** ISO 8601. */
      readonly at: string;
    }
  | { readonly error: string };

export interface ShardProgress {
  readonly epoch: string;
  readonly shard: string;
  readonly workflowId: string;
  readonly state: 'reading' | 'failed' | 'external';
  readonly code?: string;
  readonly error?: string;
}

/** Answer of the query `progress` of `applyChanges`. */
export interface ApplyProgress {
  readonly pipeline: string;
  readonly destination: string;
  readonly state: 'applying' | 'idle' | 'paused' | 'blocked' | 'waiting for a refresh';
  readonly paused?: { readonly reason: string; readonly at: string };
  /** Why it is blocked: the failure of the last apply, which `retryApply` tries again. */
  readonly blocked?: { readonly code: string; readonly error: string; readonly at: string };
  /** Why changes wait for a refresh, and since when. */
  readonly needsRefresh?: { readonly code: string; readonly message: string; readonly at: string };
  readonly lag: ChangesLag;
  /** Since `since`. */
  /** The last run that changes triggered, because live's columns cannot hold them. */
  readonly refresh?: { readonly workflowId: string; readonly startedAt: string; readonly isRunning: boolean };
  /** The run whose staging schema is brought up to live, how often changes were applied to it, and what the last time left. */
  readonly catchUp?: {
    readonly run: string;
    readonly rounds: number;
    readonly seconds: number;
    readonly left: number;
  };
  /** The rewind or replay that is under way, or the last one. */
  readonly reapply?: ReapplyProgress;
  readonly totals: ApplyTotals;
  /** When the workflow was started. ISO 8601. */
  readonly since: string;
  readonly last?: AppliedRound;
}

/** How it is doing to apply changes again: those since a time, or those that were set aside. */
export interface ReapplyProgress {
  readonly kind: 'rewind' | 'replay';
  /** Of a rewind. */
  readonly since?: string;
  readonly state: 'applying' | 'done' | 'failed';
  /** When it was ordered, and when it ended. ISO 8601. */
  readonly at: string;
  readonly endedAt?: string;
  /** Key sets that are applied, and those that are left. */
  readonly done: number;
  readonly left: number;
  readonly changes: number;
  readonly keys: number;
  readonly rows: number;
  readonly setAside: number;
  /** Of a replay: entries of which the log has no record any more. A refresh reads these items. */
  readonly gone?: number;
  /** Why it failed. What was applied before stays: it is as exact as before. */
  readonly failure?: { readonly code: string; readonly error: string };
}

export interface ApplyTotals {
  readonly rounds: number;
  readonly changes: number;
  readonly keys: number;
  readonly rows: number;
  readonly setAside: number;
}

/** The result of one apply. */
export interface AppliedRound {
  /** ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  readonly changes: number;
  /** Keys whose rows were replaced or removed. */
  readonly keys: number;
  readonly rows: number;
  readonly setAside: number;
}

/** A signal without content: the log has grown. */
export const SIGNAL_MORE = 'more';
export const SIGNAL_SHARD_ENDED = 'shardEnded';
export const SIGNAL_SHARD_FAILED = 'shardFailed';
/** Updates and signals of the same names. Argument: a shard's id, or none for all that failed. */
export const RETRY_SHARD = 'retryShard';
/** Updates and signals: try a blocked apply again. */
export const RETRY_APPLY = 'retryApply';

export const followWorkflowId = (pipeline: string) => `changes/${pipeline}`;
export const shardWorkflowId = (parent: string, epoch: string, shard: string) =>
  `${parent}/${epoch}/${shard}`;
/** The workflow of runs that changes trigger: one id, so that there is one at a time. */
export const triggeredRefreshId = (pipeline: string, destination: string) =>
  `refresh-${pipeline}-changes-${destination}`;
export const applyWorkflowId = (pipeline: string, destination: string) => `apply/${pipeline}/${destination}`;
