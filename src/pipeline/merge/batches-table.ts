import { z } from 'zod';
import { Count, type ResultRow } from '../sql/rows.ts';
import { textSql } from '../sql/text-sql.ts';
import type { BatchLoad } from './batch-load.ts';
import { beside } from './beside-tables.ts';
import type { Target } from './target.ts';
import { BEFORE } from './temporary-tables.ts';

/** One row per batch, written in its transaction: what it did, and the proof that it did. */
export const createBatchesTable = (target: Target) =>
  `CREATE TABLE IF NOT EXISTS ${beside('batches', target)} ("batch" BIGINT NOT NULL, "attempt" VARCHAR(256) NOT NULL, ` +
  '"rows_read" BIGINT NOT NULL, "rows_written" BIGINT NOT NULL, "rows_deleted" BIGINT NOT NULL, ' +
  '"rows_replaced" BIGINT NOT NULL, "set_aside" BIGINT NOT NULL, "recorded_at" TIMESTAMP NOT NULL) DISTSTYLE AUTO';

/** @param counts what goes after FROM: one row with `read`, `written`, `deleted` and `set_aside` */
export function countedBatch({ target, batch, attempt, replace }: BatchLoad, counts: string): string {
  const isReplacement = replace !== undefined;
  return (
    `INSERT INTO ${beside('batches', target)} ("batch", "attempt", "rows_read", "rows_written", "rows_deleted", ` +
    `"rows_replaced", "set_aside", "recorded_at") SELECT ${batch}, ${textSql(attempt)}, "read", "written", "deleted", ` +
    `${isReplacement ? '"replaced"' : '0'}, "set_aside", GETDATE() FROM ${counts}${isReplacement ? ` CROSS JOIN ${BEFORE}` : ''}`
  );
}

/** What a committed batch did. */
export interface BatchRow {
  readonly batch: number;
  readonly attempt: string;
  /** Rows of its files. */
  readonly rowsRead: number;
  /** Rows that it put into the target: those that were the greatest of their key and not stored already. */
  readonly rowsWritten: number;
  /** Keys that it deleted, or whose tombstone it renewed. */
  readonly rowsDeleted: number;
  /** Rows that a replacement deleted by its condition. */
  readonly rowsReplaced: number;
  readonly setAside: number;
}

/** Whether a batch was committed, and what it did. */
export const batchQuery = (target: Pick<Target, 'schema' | 'table'>, batch: number) =>
  'SELECT "batch", "attempt", "rows_read", "rows_written", "rows_deleted", "rows_replaced", "set_aside" ' +
  `FROM ${beside('batches', target)} WHERE "batch" = ${batch}`;

const Row = z.object({
  batch: Count,
  attempt: z.string(),
  rows_read: Count,
  rows_written: Count,
  rows_deleted: Count,
  rows_replaced: Count,
  set_aside: Count,
});

/** Parses the answer to `batchQuery`. Undefined: the batch was not committed. */
export function batchRow(rows: readonly ResultRow[]): BatchRow | undefined {
  const [row] = z.array(Row).max(1).parse(rows);
  if (row === undefined) return undefined;
  return {
    batch: row.batch,
    attempt: row.attempt,
    rowsRead: row.rows_read,
    rowsWritten: row.rows_written,
    rowsDeleted: row.rows_deleted,
    rowsReplaced: row.rows_replaced,
    setAside: row.set_aside,
  };
}
