import type { TableId } from '../../pipeline/loader/loader-directory.ts';
import type { BatchInfo, BatchRetry, LoaderProgress, ParkedBatch } from './loader.ts';

/** The activities that `loadFiles` calls: types only. */

export type ParkedInfo = Omit<ParkedBatch, 'workflowId'>;

/** What a loader needs to know once. */
export interface OpenedLoader {
  readonly table: TableId;
  /** Where the table's directory is. */
  readonly staging: { readonly bucket: string; readonly prefix: string };
  /** Whether the namespace has Tributary's search attributes. */
  readonly searchable: boolean;
  /** It was paused when it was terminated or cancelled, and so still is. */
  readonly paused?: NonNullable<LoaderProgress['paused']>;
}

export interface TakeBatchInput {
  readonly loader: string;
  /** Batches that the loader runs or has parked. */
  readonly open: readonly number[];
  /** A batch that exists; 0 if none is known. */
  readonly newest: number;
  /** The newest batch whose inbox pages are deleted; 0 if none is known. */
  readonly tidied: number;
  /** false: only look. */
  readonly take: boolean;
  /** Parked batches that the loader knows by their numbers only. */
  readonly describe: readonly number[];
  /** The batch that is being loaded. */
  readonly current?: { readonly batch: number; readonly workflowId: string };
}

export interface TakeBatchResult {
  /** The loaders of the table in the worker's configuration. */
  readonly loaders: readonly string[];
  readonly pauseAfterParked: number;
  /** The worker's configuration has destinations of alerts. */
  readonly alerts?: true;
  readonly newest: number;
  readonly tidied: number;
  /** Open batches that the loader does not know, in order: it, or one before it, wrote them and did not get further. */
  readonly foundOpen: readonly BatchInfo[];
  readonly foundParked: readonly ParkedInfo[];
  readonly described: readonly ParkedInfo[];
  /** The current batch, if its load is tried again. */
  readonly retried?: { readonly batch: number; readonly retry: BatchRetry };
  readonly taken?: BatchInfo;
  readonly inbox: LoaderProgress['inbox'];
  /** When the next batch is due by the age of its oldest file. ISO 8601. Absent: no file waits, or a batch is due. */
  readonly dueAt?: string;
}

/** How a request about a parked batch ended. */
export type BatchRequestEnd =
  | { readonly kind: 'done'; readonly into?: readonly BatchInfo[] }
  /** It was closed before. `outcome` as in its `closed.json`. */
  | { readonly kind: 'closed before'; readonly outcome: string }
  | { readonly kind: 'refused'; readonly why: string };

export interface LoaderActivities {
  /** Finds the loader and its table. */
  openLoader(input: { readonly loader: string }): Promise<OpenedLoader>;
  /** Notes in S3 that the loader is paused or, without `paused`, that it is not. */
  keepPause(input: {
    readonly loader: string;
    readonly paused?: NonNullable<LoaderProgress['paused']>;
  }): Promise<void>;
  /** Looks at the inbox, and takes the next batch from it if one is due. */
  takeBatch(input: TakeBatchInput): Promise<TakeBatchResult>;
  /** Closes a batch whose files are not to be loaded. */
  skipBatch(input: {
    readonly loader: string;
    readonly batch: number;
    readonly reason?: string;
  }): Promise<BatchRequestEnd>;
  /** Makes two batches of one, and closes it. */
  splitBatch(input: { readonly loader: string; readonly batch: number }): Promise<BatchRequestEnd>;
}
