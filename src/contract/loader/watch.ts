import type { Watched } from '../../pipeline/loader/watched.ts';
import type { WatchTotals } from './loader.ts';

/** What a watcher shows, and the activities that `watchFiles` calls. */

/** Answer of the query `progress` of a watcher. */
export interface WatchProgress {
  readonly watched: Watched;
  /** The loaders of the worker's configuration that it serves. */
  readonly loaders: readonly string[];
  /** `waiting`: something that a retry alone may not fix keeps it from receiving or listing. It tries again by itself. */
  readonly state: 'running' | 'waiting' | 'completed';
  /** Since the time `since`. */
  readonly totals: WatchTotals;
  /** ISO 8601: when the watcher was started last; then it counts from 0. */
  readonly since?: string;
  /** ISO 8601: since when no loader of the worker's configuration uses what is watched. After ten minutes, it ends. */
  readonly unusedSince?: string;
  /** The queue, when the watcher last looked. */
  readonly queue?: QueueSeen;
  /** The last listing of each loader. */
  readonly listings: readonly ListingSeen[];
  readonly problems: readonly WatchProblem[];
  /** Why it has ended. */
  readonly ended?: string;
}

/** SQS's approximate numbers. */
export interface QueueSeen {
  /** ISO 8601. */
  readonly at: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** The age of the oldest message that the watcher lately received; 0 if there was none. */
  readonly oldestSeconds: number;
}

export interface ListingSeen {
  readonly loader: string;
  /** When it ended. ISO 8601, as are the other times. */
  readonly at: string;
  /** It ignores files that were last modified before. */
  readonly from: string;
  /** Files listed that are the loader's. */
  readonly files: number;
  /** Files among them that were put into the inbox. */
  readonly found: number;
  /** Files that were last modified before the ledger's horizon: only `tributary load` loads them. */
  readonly tooOld: number;
}

/** In place of a loader's name: the queue itself, or everything that it announced. */
export const RECEIVING = '(queue)';
/** In place of a loader's name: listing as a whole. */
export const LISTING = '(listing)';

export interface WatchProblem {
  /** What fails: a loader's part, `(queue)` or `(listing)`. */
  readonly of: string;
  readonly code: string;
  readonly error: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Result of `watchFiles`: it ends once no loader uses what it watches. */
export interface WatchResult {
  readonly watched: Watched;
  readonly totals: WatchTotals;
  readonly ended: string;
}

export interface WatchControlActivities {
  /** Finds what a loader needs watched. @throws UnknownLoader */
  openWatch(input: { readonly loader: string }): Promise<WatchOpened>;
}

/** On the task queue of loaders. */
export interface WatchActivities {
  /** Receives messages for some minutes, and moves the files that they announce into inboxes. */
  receiveFiles(input: ReceiveFilesInput): Promise<ReceiveFilesResult>;
  /** Lists what is due. */
  listFiles(input: ListFilesInput): Promise<ListFilesResult>;
}

export interface WatchOpened {
  readonly watched: Watched;
  readonly loaders: readonly string[];
}

export interface ReceiveFilesInput {
  readonly queue: string;
  /** It returns after this time if it has received anything. */
  readonly reportSeconds: number;
  /** It returns after this time in any case. */
  readonly mostSeconds: number;
}

export interface ReceiveFilesResult extends Pick<WatchTotals, 'messages' | 'files' | 'unmatched' | 'poison'> {
  /** The loaders that use the queue now: if there are none, nothing more is received. */
  readonly loaders: readonly string[];
  /** Absent if the queue's attributes could not be read. */
  readonly queue?: QueueSeen;
  /** Tables whose inbox could not be written. Their messages come again later. */
  readonly problems: readonly WatchProblem[];
}

export interface ListFilesInput {
  readonly watched: Watched;
  /** When the watcher was first started. ISO 8601. */
  readonly startedAt: string;
}

export interface ListFilesResult {
  /** The loaders that use what is watched now. */
  readonly loaders: readonly string[];
  /** The listings that were due. */
  readonly listings: readonly ListingSeen[];
  readonly problems: readonly WatchProblem[];
  /** When the next one is due. */
  readonly nextSeconds: number;
}
