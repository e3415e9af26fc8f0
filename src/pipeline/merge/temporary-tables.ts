import { quoteIdentifier } from '../sql/identifier.ts';
import type { MergeRule, Target } from './target.ts';

/**
 * The temporary tables of a batch. Each transaction of ours has a connection of its own, so they end with it. Columns of
 * ours stand beside the target's only in those of a merge: `OWN_COLUMNS`.
 */
export const FILES = quoteIdentifier('_tributary_batch_files');
/** The rows of all files, then the target's rows and the tombstones of the same keys. */
export const INCOMING = quoteIdentifier('_tributary_incoming');
/** Every key of the files once. */
export const KEYS = quoteIdentifier('_tributary_keys');
/** The number of rows that a replacement deletes. */
export const BEFORE = quoteIdentifier('_tributary_before');
/** The number of rows before an append. */
export const STORED = quoteIdentifier('_tributary_stored');

/** 1 for a delete, 0 for a row. */
export const DELETED = quoteIdentifier('_tributary_deleted');
/** 1 if it comes from a file, 0 if it was stored before. */
export const READ = quoteIdentifier('_tributary_read');

/** Numbers the rows of `INCOMING`. */
export const ROW = quoteIdentifier('_tributary_row');
/** `ROW` in the tables of the ranking. */
export const KEPT = quoteIdentifier('_tributary_kept');

/** Columns that a merge needs beside the target's, so no column of a target that is merged into has these names. */
export const OWN_COLUMNS = [DELETED, READ, ROW, KEPT] as const;

/** The rows of one group of files. @param n from 0 */
export const readRows = (n: number) => quoteIdentifier(`_tributary_rows_${n + 1}`);
/** The rows that are still the greatest of their key after a step of the ranking, by `ROW`. @param n from 0 */
export const ranked = (n: number) => quoteIdentifier(`_tributary_ranked_${n + 1}`);

/** ` DISTKEY("id")`, if rows with these columns can be distributed as the target's are. */
export function distribution({ distKey }: Target, columns: readonly string[]): string {
  return distKey !== undefined && columns.includes(distKey) ? ` DISTKEY(${quoteIdentifier(distKey)})` : '';
}

/** The condition that a row cannot be ordered: its key or its `newest` is NULL. */
export const isUnordered = ({ key, newest }: MergeRule) =>
  [...key, newest].map((name) => `${quoteIdentifier(name)} IS NULL`).join(' OR ');
