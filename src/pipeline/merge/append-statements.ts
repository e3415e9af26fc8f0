import { guard } from '../sql/guard.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { countedBatch } from './batches-table.ts';
import { replacedRows } from './replace.ts';
import { stagedColumns, stagingStatements } from './staging.ts';
import { readRows, STORED } from './temporary-tables.ts';
import { guardedTransaction } from './transaction.ts';

/**
 * The statements of a batch that appends, in one transaction: the ledger makes it exact. Columns that the files lack get
 * their default, as in COPY. At the end, the target must have as many more rows as the files have.
 */
export function appendStatements(load: BatchLoad): Statement[] {
  const { target, groups, replace } = load;
  const table = qualified(target.schema, target.table);
  const read =
    '(SELECT SUM("rows") AS "read" FROM (' +
    `${groups.map((_, n) => `SELECT count(*) AS "rows" FROM ${readRows(n)}`).join(' UNION ALL ')}) AS "u") AS "r"`;
  const inserts = groups.map((group, n) => {
    const into = stagedColumns(target, group).flatMap((column) => column.into ?? []);
    return {
      sql:
        `INSERT INTO ${table} (${into.map(({ column }) => quoteIdentifier(column)).join(', ')}) ` +
        `SELECT ${into.map(({ value }) => value).join(', ')} FROM ${readRows(n)}`,
    };
  });
  return guardedTransaction(load, {
    statements: [
      ...groups.flatMap((_, n) => stagingStatements(load, n)),
      ...(replace === undefined ? [] : replacedRows(load, replace)),
      { sql: `CREATE TEMP TABLE ${STORED} AS SELECT count(*) AS "stored" FROM ${table}` },
      ...inserts,
    ],
    batchRow: countedBatch(
      load,
      `(SELECT "read", "read" AS "written", 0 AS "deleted", 0 AS "set_aside" FROM ${read}) AS "c"`,
    ),
    guards: [
      {
        sql: guard(
          'max("t"."now") = max("s"."stored") + max("r"."read")',
          `(SELECT count(*) AS "now" FROM ${table}) AS "t" CROSS JOIN ${STORED} AS "s" CROSS JOIN ${read}`,
        ),
        guard: 'rows',
      },
    ],
  });
}
