import type { LoadPlace, TableId } from '../../pipeline/loader/loader-directory.ts';
import { type LoaderTotals, loaderWorkflowId } from './loader.ts';

/** A bulk load: input, result and messages of the workflow `bulkLoad`, and the activities that it calls. */

/** Input of `bulkLoad`. */
export interface BulkLoadInput {
  /** A loader of the worker's configuration. */
  readonly loader: string;
  /** `s3://bucket/prefix`, or a manifest as COPY takes it, whose key ends in `manifest`. */
  readonly from: string;
  /** Default: the last part of the workflow's id. A load of the same name that asks for the same continues the first. */
  readonly name?: string;
  /** A condition in SQL: the rows of the table that meet it are replaced by those of the files. */
  readonly replace?: string;
  /**
   * Whether its files are loaded before or after what waits. Default: after. With `replace`, `before` supersedes what waits or
   * is parked of the same folder; no default if there is any.
   */
  readonly place?: LoadPlace;
  /** With `replace` and `before`: parked batches to supersede that have no file of the same folder. */
  readonly supersede?: readonly number[];
  /** Load files that no `match` fits, in the loader's format. */
  readonly any?: boolean;
  /** Only find out what would be loaded. */
  readonly dryRun?: boolean;
  /** `from` and `replace` have the placeholders %Y, %m, %d and %H. Set by schedules. */
  readonly dates?: { readonly timezone: string; readonly daysBack: number };
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: unknown;
}

/** What a load has found. */
export interface FoundFiles {
  /** Files to load, and those that are loaded already. */
  readonly files: number;
  readonly bytes: number;
  /** Files among them that the ledger has: loaded, skipped or superseded. None of them is loaded again, except by `replace`. */
  readonly alreadyLoaded: number;
  /** Files among them that are in batches which are open or parked. */
  readonly inBatches: number;
  /** Files that belong to no loader, or to another one. */
  readonly unmatched: number;
  /** Files that a manifest lists and that do not exist. */
  readonly missing: number;
  /** The first keys of each kind. */
  readonly examples: {
    readonly toLoad: readonly string[];
    readonly alreadyLoaded: readonly string[];
    readonly unmatched: readonly string[];
    readonly missing: readonly string[];
  };
}

/** A batch of the load that is parked. */
export interface ParkedLoadBatch {
  readonly batch: number;
  readonly code: string;
  readonly error: string;
}

/** Result of `bulkLoad`. */
export interface BulkLoadResult {
  readonly name: string;
  readonly loader: string;
  readonly from: string;
  readonly replace?: string;
  readonly dryRun: boolean;
  readonly found: FoundFiles;
  /** What its batches have done so far. */
  readonly loaded: LoaderTotals;
  /** Batches with files of the load that are parked: it is not complete before they are retried. */
  readonly parked: readonly ParkedLoadBatch[];
  /** Batches that were closed otherwise: skipped by an operator, or superseded by a replacement. */
  readonly leftOut: readonly number[];
  /** The batch of a replacement. */
  readonly batch?: number;
}

export type BulkLoadStep = 'look' | 'announce' | 'earlier' | 'load' | 'done';

/** Answer of the query `progress` of a bulk load. */
export interface BulkLoadProgress {
  readonly loader: string;
  readonly name: string;
  readonly from: string;
  readonly step: BulkLoadStep;
  readonly found: FoundFiles;
  /** What its batches have done so far. */
  readonly loaded: LoaderTotals;
  readonly parked: readonly ParkedLoadBatch[];
  /** Pages of its files in the inbox, of at most 1,000 files each. */
  readonly pagesWaiting: number;
  /** Its batches that are being loaded or wait for it. */
  readonly open: readonly number[];
  /** Of a replacement: the earlier batches that are loaded first. */
  readonly earlier: readonly number[];
}

export interface OpenedLoad {
  readonly name: string;
  readonly loader: string;
  readonly from: string;
  readonly replace?: string;
  readonly any: boolean;
  readonly startedAt: string;
  readonly newest: number;
  readonly table: TableId;
}

export interface OpenLoadInput
  extends Pick<BulkLoadInput, 'loader' | 'from' | 'name' | 'replace' | 'any' | 'dryRun'> {
  readonly workflowId: string;
  readonly dates?: { readonly at: string; readonly timezone: string; readonly daysBack: number };
}

export interface AnnounceInput {
  readonly load: OpenedLoad;
  readonly place: LoadPlace;
  /** false: only look. */
  readonly announce: boolean;
  readonly cursor?: string;
  /** Pages written so far. */
  readonly pages: number;
}

export interface AnnounceResult {
  readonly found: FoundFiles;
  /** Batches that are open or parked and have some of the files. */
  readonly others: readonly number[];
  readonly pages: number;
  /** Where the next call begins; absent: these were the last files. */
  readonly cursor?: string;
}

export interface FollowLoadInput {
  readonly load: OpenedLoad;
  /** Batches up to this one are known. */
  readonly scanned: number;
  /** Batches of the load that are not closed yet, and others with some of its files. */
  readonly open: readonly number[];
  readonly others: readonly number[];
  /** What was seen last: the activity returns when it has changed. */
  readonly seen?: string;
  /** How long to wait before the first look, because each look adds to the history. */
  readonly waitSeconds: number;
}

export interface FollowLoadResult {
  readonly scanned: number;
  readonly open: readonly number[];
  readonly others: readonly number[];
  readonly parked: readonly ParkedLoadBatch[];
  readonly pagesWaiting: number;
  /** What the batches closed since have done. */
  readonly loaded: LoaderTotals;
  readonly leftOut: readonly number[];
  readonly seen: string;
}

export interface EarlierInput {
  readonly load: OpenedLoad;
  readonly place?: LoadPlace;
  readonly supersede: readonly number[];
}

export interface Earlier {
  readonly place: LoadPlace;
  /** Batches to be loaded first. */
  readonly batches: readonly number[];
  /** Those of them that are parked. */
  readonly parked: readonly number[];
  /** When they were parked (ISO 8601), by their numbers: a batch that fails again has another time. */
  readonly failedAt: Readonly<Record<string, string>>;
}

export interface BulkLoadActivities {
  /** Checks what is asked for and records it. */
  openLoad(input: OpenLoadInput): Promise<OpenedLoad>;
  /** Finds files, some tens of thousands at a time, and puts those that are not loaded yet into the inbox. */
  announceFiles(input: AnnounceInput): Promise<AnnounceResult>;
  /** Finds what a replacement must come after, and makes batches of what waits, if it comes after that. */
  findEarlier(input: EarlierInput): Promise<Earlier>;
  /** Waits some time for batches to be closed. @returns those that are not. If all of them are parked, it fails */
  waitForEarlier(input: {
    readonly load: OpenedLoad;
    readonly batches: readonly number[];
    readonly failedAt: Earlier['failedAt'];
  }): Promise<readonly number[]>;
  /** Makes the batch of a replacement. */
  claimReplacement(input: {
    readonly load: OpenedLoad;
    readonly place: LoadPlace;
    readonly supersede: readonly number[];
  }): Promise<{ readonly batch: number; readonly supersedes: readonly number[]; readonly found: FoundFiles }>;
  /** Starts the loader if it does not run, and has it look at its inbox. */
  hintLoader(input: { readonly load: OpenedLoad }): Promise<void>;
  /** Looks at the load's batches until something has changed, or for a minute. */
  followLoad(input: FollowLoadInput): Promise<FollowLoadResult>;
  /** Takes files out of the inbox that no batch has yet. */
  withdrawLoad(input: { readonly load: OpenedLoad }): Promise<void>;
}

export const bulkLoadWorkflowId = (table: TableId, name: string) => `${loaderWorkflowId(table)}/load-${name}`;

export const NOTHING_FOUND: FoundFiles = {
  files: 0,
  bytes: 0,
  alreadyLoaded: 0,
  inBatches: 0,
  unmatched: 0,
  missing: 0,
  examples: { toLoad: [], alreadyLoaded: [], unmatched: [], missing: [] },
};

const EXAMPLES = 5;

export function sumFound(a: FoundFiles, b: FoundFiles): FoundFiles {
  const some = (kind: keyof FoundFiles['examples']) =>
    [...a.examples[kind], ...b.examples[kind]].slice(0, EXAMPLES);
  return {
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    alreadyLoaded: a.alreadyLoaded + b.alreadyLoaded,
    inBatches: a.inBatches + b.inBatches,
    unmatched: a.unmatched + b.unmatched,
    missing: a.missing + b.missing,
    examples: {
      toLoad: some('toLoad'),
      alreadyLoaded: some('alreadyLoaded'),
      unmatched: some('unmatched'),
      missing: some('missing'),
    },
  };
}
