import { z } from 'zod';
import { guard } from '../sql/guard.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { beside } from './beside-tables.ts';
import type { Target } from './target.ts';

/**
 * One row per target, which every writer of ours locks. LOCK blocks readers and waits for them, so it must never name a
 * table that people query; changes of a target's rows do not exclude each other under SNAPSHOT isolation, so without the
 * lock two writers could both store a key. https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
 */
export const createLockTable = (target: Target) =>
  `CREATE TABLE IF NOT EXISTS ${beside('lock', target)} ("version" BIGINT NOT NULL, "table_id" BIGINT NOT NULL) DISTSTYLE ALL`;

/** Writes the row unless it is there: of two writers at once, the second waits, and finds it. One transaction. */
export function initLock(target: Target, tableId: number): string[] {
  const table = beside('lock', target);
  return [
    `LOCK TABLE ${table}`,
    `INSERT INTO ${table} ("version", "table_id") SELECT 0, ${tableId} ` +
      `FROM (SELECT count(*) AS "rows" FROM ${table}) AS "l" WHERE "l"."rows" = 0`,
  ];
}

/** Takes over a table that replaced the one the lock row knows, once an operator has agreed. One transaction. */
export const adoptTable = (target: Target, at: LockRow, tableId: number): Statement[] => [
  ...lockStatements(target, at),
  {
    sql: `UPDATE ${beside('lock', target)} SET "table_id" = ${tableId}, "version" = ${at.version + 1}`,
  },
];

/** Locks the row until the end of the transaction, and fails unless it is as the batch was planned for. */
export function lockStatements(
  target: Target,
  { version, tableId }: Pick<BatchLoad, 'version' | 'tableId'>,
): Statement[] {
  const table = beside('lock', target);
  return [
    { sql: `LOCK TABLE ${table}` },
    {
      sql: guard(`count(*) = 1 AND min("version") = ${version} AND min("table_id") = ${tableId}`, table),
      guard: 'version',
    },
  ];
}

export const nextVersion = (target: Target, version: number) =>
  `UPDATE ${beside('lock', target)} SET "version" = ${version + 1}`;

export interface LockRow {
  readonly version: number;
  /** The table that the loader last knew. Another one has since taken its name if `targetQuery` answers otherwise. */
  readonly tableId: number;
}

/** Waits for a batch that runs: for planning one, never for status pages. */
export const lockQuery = (target: Pick<Target, 'schema' | 'table'>) =>
  `SELECT "version", "table_id" FROM ${beside('lock', target)}`;

/** Parses the answer to `lockQuery`. Undefined: the table is empty. */
export function lockRow(rows: readonly ResultRow[]): LockRow | undefined {
  const [row] = z
    .array(z.object({ version: Count, table_id: Count }))
    .max(1)
    .parse(rows);
  return row === undefined ? undefined : { version: row.version, tableId: row.table_id };
}
