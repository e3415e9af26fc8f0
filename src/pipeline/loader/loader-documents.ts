import { z } from 'zod';
import { SourceFile } from './source-file.ts';

/** The documents of a loader's directory in S3: see loader-directory.ts. */

const count = z.number().int().nonnegative();

/** Files that wait. */
export const InboxPage = z.object({
  version: z.literal(1),
  files: z.array(SourceFile),
});
export type InboxPage = z.infer<typeof InboxPage>;

/** Why a batch started. */
export const BatchReason = z.enum(['files', 'bytes', 'age', 'bulk', 'replace', 'split']);
export type BatchReason = z.infer<typeof BatchReason>;

/** The files of a batch. Never changes. */
export const Batch = z.object({
  version: z.literal(1),
  batch: z.number().int().positive(),
  /** ISO 8601. */
  createdAt: z.string(),
  reason: BatchReason,
  files: z.array(SourceFile),
  /** Inbox pages that it has used up: their files are in this batch, in earlier ones, or left over. */
  pages: z.array(z.string()),
  /** The last of these pages has files that are left over, from this one on, counted from 0: they wait in a page of their own. */
  leftFrom: z.number().int().positive().optional(),
  /** The batch that it is a part of, after a split. */
  splitFrom: z.number().int().positive().optional(),
  /** A bulk load's name, and the predicate of the rows that it replaces. */
  load: z.string().optional(),
  replace: z.string().optional(),
  /** With `replace`: numbers of earlier batches whose files it supersedes. */
  supersedes: z.array(z.number().int().positive()).optional(),
  /** With `replace`: files of the inbox that it supersedes. They are entered into the ledger, and so are never loaded. */
  supersededFiles: z.array(SourceFile).optional(),
});
export type Batch = z.infer<typeof Batch>;

/** The table that the loader has loaded into. */
export const LoaderTable = z.object({
  version: z.literal(1),
  /** Its id in the warehouse, which another table of the same name does not have. */
  tableId: z.number().int(),
});
export type LoaderTable = z.infer<typeof LoaderTable>;

/** A loader that loads nothing until it is resumed. */
export const LoaderPause = z.object({
  version: z.literal(1),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
export type LoaderPause = z.infer<typeof LoaderPause>;

/** Why a batch is parked. */
export const BatchFailure = z.object({
  version: z.literal(1),
  code: z.string(),
  message: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
export type BatchFailure = z.infer<typeof BatchFailure>;

/** The outcome of one file that was not loaded with the others. */
export const FileOutcome = z.object({
  key: z.string(),
  bucket: z.string(),
  etag: z.string(),
  /**
   * `already loaded` by another batch, or skipped or superseded; `overwritten` or `gone` before it was taken; `read while
   * overwritten`; `too old` for the ledger to know whether it was loaded; `empty`: loaded, without a byte and so without a row.
   */
  outcome: z.enum(['already loaded', 'overwritten', 'gone', 'read while overwritten', 'too old', 'empty']),
});
export type FileOutcome = z.infer<typeof FileOutcome>;

export const BatchCounts = z.object({
  files: count,
  bytes: count,
  rows: count,
  /** Rows written to the table. */
  merged: count,
  deleted: count,
  setAside: count,
});
export type BatchCounts = z.infer<typeof BatchCounts>;

/** How a batch ended. */
export const BatchClosed = z.discriminatedUnion('outcome', [
  z.object({
    version: z.literal(1),
    outcome: z.literal('loaded'),
    at: z.string(),
    ...BatchCounts.shape,
    /** Files that were not loaded with the others. */
    others: z.array(FileOutcome),
    /** Columns of files that the table does not have, or got. */
    newColumns: z.array(
      z.object({
        name: z.string(),
        added: z.boolean(),
        /** Why it was not added, although `onDrift` is `evolve`. */
        why: z.string().optional(),
      }),
    ),
    /** Rows of the table whose `newest` is more than a day ahead. Absent if there are none. */
    ahead: count.optional(),
  }),
  z.object({
    version: z.literal(1),
    outcome: z.literal('skipped'),
    at: z.string(),
    /** Who asked for it, and why, if they said so. */
    reason: z.string().optional(),
  }),
  z.object({
    version: z.literal(1),
    outcome: z.literal('split'),
    at: z.string(),
    into: z.array(z.number().int().positive()),
  }),
  z.object({
    version: z.literal(1),
    outcome: z.literal('superseded'),
    at: z.string(),
    by: z.number().int().positive(),
  }),
]);
export type BatchClosed = z.infer<typeof BatchClosed>;
