import { batchNumber, type TableId, tablePath } from '../../pipeline/loader/loader-directory.ts';
import type { BatchCounts, BatchReason } from '../../pipeline/loader/loader-documents.ts';
import type { Watched } from '../../pipeline/loader/watched.ts';

/** Inputs, results and messages of the workflows of loaders: the JSON that our CLI, the `temporal` CLI and the Web UI show. */

/** Input of `watchFiles`: one queue or one prefix, for all loaders that use it. */
export interface WatchFilesInput {
  /** A loader of the worker's configuration: its queue is watched or, if it has none, its prefix. */
  readonly loader: string;
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: WatchCarried;
}

/** What a watcher keeps when it continues as new. S3 has everything else. */
interface WatchCarried {
  readonly watched: Watched;
  readonly totals: WatchTotals;
  /** When the first execution started. ISO 8601. */
  readonly startedAt: string;
}

/** What a watcher has found so far. */
export interface WatchTotals {
  readonly messages: number;
  readonly files: number;
  /** Keys in a watched queue that no loader matches. */
  readonly unmatched: number;
  /**
   * How often messages were received that are not S3 notifications: they are left to the dead-letter queue, and each is
   * received several times before it gets there.
   */
  readonly poison: number;
  /** Files that a listing found and no event had announced. */
  readonly listed: number;
}

/** Input of `loadFiles`: the loader of one table. */
export interface LoadFilesInput {
  /** A loader of the worker's configuration. All loaders of its table share this workflow. */
  readonly loader: string;
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: unknown;
}

/** Input of `loadBatch`: one batch of a loader. */
export interface LoadBatchInput {
  /** A loader of the batch's table. */
  readonly loader: string;
  readonly batch: number;
  /** The workflow to notify when it ends; absent if an operator starts it alone. */
  readonly parent?: string;
}

/** Input of `acceptTable`. */
export interface AcceptTableInput {
  /** A loader whose table was dropped and created again, or replaced. */
  readonly loader: string;
}

/** Result of `loadBatch`. */
export interface LoadBatchResult extends BatchCounts {
  readonly batch: number;
  /** What an operator should look at, such as new columns and overwritten files. Absent if there is nothing. */
  readonly notes?: readonly string[];
}

/** Answer of the query `progress` of a loader. */
export interface LoaderProgress {
  readonly table: TableId;
  /** The loaders of this table in the worker's configuration. */
  readonly loaders: readonly string[];
  /** Parked batches stop nothing: other files are loaded unless it is paused. */
  readonly state: 'running' | 'idle' | 'paused';
  /** Why it is paused, and since when (ISO 8601). */
  readonly paused?: { readonly reason: string; readonly at: string };
  /** What was in the inbox when the loader last looked. */
  readonly inbox: {
    readonly files: number;
    readonly bytes: number;
    /** ISO 8601. Absent if no file waits. */
    readonly oldest?: string;
    /** `files` and `bytes` are estimates, because not all pages of the inbox were read. */
    readonly estimated?: true;
    /** There are more files than were counted. */
    readonly more?: true;
    readonly at?: string;
  };
  /** Why the inbox cannot be read, and since when (ISO 8601). It is tried again every minute. */
  readonly trouble?: { readonly code: string; readonly error: string; readonly at: string };
  /** Batches that are loaded next: found after a restart, retried, or parts of a split one. At most 50. */
  readonly next: readonly number[];
  readonly current?: OpenBatch;
  /** Batches that failed permanently: at most 50, the oldest first. */
  readonly parked: readonly ParkedBatch[];
  readonly parkedTotal: number;
  /** What was loaded since the time `since`. */
  readonly totals: LoaderTotals;
  /** ISO 8601: when the loader was started last; then it counts from 0. Absent if it runs since before this was noted. */
  readonly since?: string;
  readonly last?: { readonly batch: number; readonly at: string; readonly rows: number };
}

/** Answer of the query `lag`: what waits in the inbox. */
export interface LoaderLag {
  /** Age of the oldest file; 0 if none waits. */
  readonly seconds: number;
  readonly bytes: number;
  readonly count: number;
}

/** A batch that waits to be loaded, is being loaded, or is parked. */
export interface BatchInfo {
  readonly batch: number;
  readonly files: number;
  readonly bytes: number;
  readonly reason: BatchReason;
}

export interface OpenBatch extends BatchInfo {
  readonly workflowId: string;
  readonly startedAt: string;
  /** Present if its load failed and is tried again. As of the last look at the inbox, which is at most a minute ago. */
  readonly retry?: BatchRetry;
}

/** A load that failed and is tried again. */
export interface BatchRetry {
  /** The attempt that runs or is next, from 2. */
  readonly attempt: number;
  /** How the attempt before failed. */
  readonly error: string;
  /** When the next attempt begins, ISO 8601. Absent: it runs. */
  readonly nextAt?: string;
}

export interface ParkedBatch extends BatchInfo {
  readonly workflowId: string;
  readonly code: string;
  readonly error: string;
  readonly at: string;
}

/** What batches loaded, together. */
export interface LoaderTotals extends Readonly<BatchCounts> {
  readonly batches: number;
}

/** The counts of a batch that was closed without being loaded. */
export const NO_COUNTS: BatchCounts = { files: 0, bytes: 0, rows: 0, merged: 0, deleted: 0, setAside: 0 };

export const NOTHING_LOADED: LoaderTotals = { batches: 0, ...NO_COUNTS };

export const sumLoaded = (a: LoaderTotals, b: LoaderTotals): LoaderTotals => ({
  batches: a.batches + b.batches,
  files: a.files + b.files,
  bytes: a.bytes + b.bytes,
  rows: a.rows + b.rows,
  merged: a.merged + b.merged,
  deleted: a.deleted + b.deleted,
  setAside: a.setAside + b.setAside,
});

/** The totals with one more batch. */
export const withBatch = (totals: LoaderTotals, batch: BatchCounts): LoaderTotals =>
  sumLoaded(totals, { ...batch, batches: 1 });

/** A signal without content: the inbox in S3 is the pending set. */
export const SIGNAL_HINT = 'hint';
/** Updates and signals of the same names. Argument: a batch's number, or none for all parked ones. */
export const RETRY_BATCH = 'retryBatch';
/** Argument: a batch's number, or `{ batch, reason }`. Its files are never loaded. */
export const SKIP_BATCH = 'skipBatch';
/** Argument: a batch's number. Each half becomes a batch with a number of its own. */
export const SPLIT_BATCH = 'splitBatch';
/** Argument: a reason, or none. The batch that is being loaded ends first. */
export const PAUSE = 'pause';
/** Argument: none, or `{ acceptTable: true }` after the table was dropped and created again. */
export const RESUME = 'resume';
export const SIGNAL_BATCH_SETTLED = 'batchSettled';
export const SIGNAL_BATCH_FAILED = 'batchFailed';
/** Answer: `{ seconds, bytes, count }` of what waits. */
export const QUERY_LAG = 'lag';

export const loaderWorkflowId = (table: TableId) => `loader/${tablePath(table)}`;
export const batchWorkflowId = (parent: string, batch: number) => `${parent}/batch-${batchNumber(batch)}`;

export const watchWorkflowId = (watched: Watched) =>
  'queue' in watched
    ? `watch/${watched.queue.replace(/^https?:\/\//, '')}`
    : `watch/${watched.bucket}/${watched.prefix}`;
