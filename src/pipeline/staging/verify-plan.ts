import { z } from 'zod';
import type { ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';

/** The most aggregates in one statement. */
const MAX_AGGREGATES = 200;

/** One difference between a table and what was extracted. */
export interface Difference {
  readonly table: string;
  /** Absent if it concerns the whole table. */
  readonly column?: string;
  /** `values`: cells that are not NULL; `textBytes`: the total UTF-8 bytes of the texts. */
  readonly what: 'rows' | 'values' | 'textBytes';
  readonly expected: number;
  readonly found: number;
}

/**
 * The queries that count what a table holds: its rows, the cells of each column that are not NULL and, for VARCHAR, the
 * bytes of the texts. Each has at most 200 aggregates and returns one row. Pass the rows to `compareTable`.
 */
export function verifyQueries(schema: string, table: ManifestTable): string[] {
  const aggregates = table.columns.flatMap((column, i) => aggregatesOf(column, i).map(({ sql }) => sql));
  const queries: string[] = [];
  for (let from = 0; from < aggregates.length; from += MAX_AGGREGATES - 1) {
    const some = ['count(*) AS "rows"', ...aggregates.slice(from, from + MAX_AGGREGATES - 1)];
    queries.push(`SELECT ${some.join(', ')} FROM ${qualified(schema, table.name)}`);
  }
  return queries;
}

/**
 * The differences between a table and what was extracted; none if it is complete.
 * @param results the rows from all `verifyQueries`, in any order
 * @throws Error if a count is missing from the results.
 */
export function compareTable(table: ManifestTable, results: readonly ResultRow[]): Difference[] {
  const found = z
    .record(z.string(), Count)
    .parse(Object.fromEntries(results.flatMap((row) => Object.entries(row))));
  const differences: Difference[] = [];
  const compare = (alias: string, what: Difference['what'], expected: number, column?: string) => {
    const value = found[alias];
    if (value === undefined)
      throw new Error(`the warehouse's result for ${table.name} has no column ${alias}`);
    if (value !== expected) {
      differences.push({
        table: table.name,
        ...(column === undefined ? {} : { column }),
        what,
        expected,
        found: value,
      });
    }
  };
  compare('rows', 'rows', table.rows);
  table.columns.forEach((column, i) => {
    for (const { alias, what, expected } of aggregatesOf(column, i))
      compare(alias, what, expected, column.name);
  });
  return differences;
}

/** A difference as one line of text. */
export function differenceText({ table, column, what, expected, found }: Difference): string {
  const where = column === undefined ? table : `${table}.${column}`;
  const unit =
    what === 'values' ? 'values that are not NULL' : what === 'textBytes' ? 'bytes of text' : 'rows';
  return `${where}: ${expected} ${unit} were extracted, the warehouse holds ${found}`;
}

/** Loads do not update statistics (STATUPDATE OFF), so tables are analyzed before they go live. */
export function analyzeStatements(schema: string, tables: readonly ManifestTable[]): string[] {
  return tables.map((table) => `ANALYZE ${qualified(schema, table.name)}`);
}

function aggregatesOf(column: ManifestColumn, i: number) {
  const name = quoteIdentifier(column.name);
  const values = {
    alias: `v${i}`,
    sql: `count(${name}) AS "v${i}"`,
    what: 'values' as const,
    expected: column.values,
  };
  if (column.textBytes === undefined) return [values];
  return [
    values,
    {
      alias: `b${i}`,
      sql: `sum(octet_length(${name})) AS "b${i}"`,
      what: 'textBytes' as const,
      expected: column.textBytes,
    },
  ];
}
