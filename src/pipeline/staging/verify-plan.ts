import { z } from 'zod';
import type { ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';

/** Most aggregates in one statement. */
const MAX_AGGREGATES = 200;

/** One thing a table holds otherwise than was seen. */
export interface Difference {
  readonly table: string;
  /** Absent where it is of the whole table. */
  readonly column?: string;
  /** rows; values: cells that are not NULL; textBytes: the sum of its texts' bytes of UTF-8. */
  readonly what: 'rows' | 'values' | 'textBytes';
  readonly expected: number;
  readonly found: number;
}

/**
 * The queries that count what a table holds: its rows, each column's cells that are not NULL and, for VARCHAR,
 * the bytes of its texts. At most 200 aggregates each. Their results, one row each, go to `compareTable`.
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
 * Where a table differs from what was seen; nothing where it is whole.
 * @param results the rows of all of `verifyQueries`' results, in any order.
 * @throws Error where a result lacks a count that was asked for.
 */
export function compareTable(table: ManifestTable, results: readonly ResultRow[]): Difference[] {
  const found = z.record(z.string(), Count).parse(Object.assign({}, ...results));
  const differences: Difference[] = [];
  const compare = (alias: string, what: Difference['what'], expected: number, column?: string) => {
    const value = found[alias];
    if (value === undefined) throw new Error(`the warehouse's answer on ${table.name} lacks ${alias}`);
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

/** A difference as one line. */
export function differenceText({ table, column, what, expected, found }: Difference): string {
  const where = column === undefined ? table : `${table}.${column}`;
  const of = what === 'values' ? 'values that are not NULL' : what === 'textBytes' ? 'bytes of text' : 'rows';
  return `${where}: ${expected} ${of} were extracted, the warehouse holds ${found}`;
}

/** Loads leave no statistics (STATUPDATE OFF): tables are analyzed before they go live. */
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
