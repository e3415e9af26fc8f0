import { z } from 'zod';
import { qualified } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';

/**
 * Finds which tables of a schema have no row: an apply has nothing to delete from them. Run it in one transaction with
 * `positionsQuery`, and after it.
 * @param tables at least one; their order gives them numbers
 */
export const emptyTablesQuery = (schema: string, tables: readonly string[]): string =>
  tables
    .map(
      (table, n) =>
        `SELECT ${n} AS "n", count(*) AS "rows" FROM (SELECT 1 AS "one" FROM ${qualified(schema, table)} LIMIT 1) AS "t"`,
    )
    .join(' UNION ALL ');

const EmptyRow = z.object({ n: Count, rows: Count });

/** Parses the answer to `emptyTablesQuery` for the same tables. */
export function emptyTablesOf(rows: readonly ResultRow[], tables: readonly string[]): Set<string> {
  const empty = z
    .array(EmptyRow)
    .parse(rows)
    .filter((row) => row.rows === 0);
  return new Set(empty.map(({ n }) => tables[n] as string));
}
