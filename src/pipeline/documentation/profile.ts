import { z } from 'zod';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import type { DocumentedColumn, DocumentedTable } from './documented-schema.ts';

/** What the catalogue shows of a column's values, from queries of the live tables. */
export interface ColumnProfile {
  /** Approximate. */
  readonly distinct: number | undefined;
  /** Absent without samples, and for types without an order. */
  readonly least?: string | undefined;
  readonly greatest?: string | undefined;
  /** Values of a few rows. */
  readonly samples: readonly string[];
}

/** Profiles by column name. */
export type TableProfile = ReadonlyMap<string, ColumnProfile>;

/** One query of a profile, and what its results are, in order. */
export interface ProfileQuery {
  readonly sql: string;
  readonly wanted: readonly {
    readonly column: string;
    readonly what: 'distinct' | 'least' | 'greatest' | 'sample';
  }[];
}

/** A distinct count sorts or hashes a column, so a query has few of them. */
const COLUMNS_AT_ONCE = 20;
/** A row of the Data API's results has at most 64 KB. */
const SHOWN_CHARACTERS = 60;
const SAMPLE_ROWS = 3;

const UNCOUNTED = /^(?:SUPER|VARBYTE)/;
const WITHOUT_ORDER = /^(?:SUPER|VARBYTE|BOOLEAN)/;

/**
 * The queries that profile a table: approximate distinct counts and, with samples, the least and greatest value and the
 * values of three rows.
 */
export function profileQueries(
  schema: string,
  table: DocumentedTable,
  { samples }: { readonly samples: boolean },
): ProfileQuery[] {
  const from = `FROM ${qualified(schema, table.name)}`;
  const columns = table.columns.filter(({ type, role }) => !UNCOUNTED.test(type) && role !== 'run');
  const queries: ProfileQuery[] = [];
  for (let i = 0; i < columns.length; i += COLUMNS_AT_ONCE) {
    const some = columns.slice(i, i + COLUMNS_AT_ONCE);
    const aggregates = some.flatMap((column) => aggregatesOf(column, samples));
    queries.push({
      sql: `SELECT ${aggregates.map(({ sql }) => sql).join(', ')} ${from}`,
      wanted: aggregates.map(({ column, what }) => ({ column, what })),
    });
    if (!samples) continue;
    queries.push({
      sql: `SELECT ${some.map((column) => shown(column, quoteIdentifier(column.name))).join(', ')} ${from} LIMIT ${SAMPLE_ROWS}`,
      wanted: some.map(({ name }) => ({ column: name, what: 'sample' })),
    });
  }
  return queries;
}

function aggregatesOf(column: DocumentedColumn, samples: boolean) {
  const name = quoteIdentifier(column.name);
  const of = (what: 'distinct' | 'least' | 'greatest', sql: string) => ({ column: column.name, what, sql });
  return [
    of('distinct', `APPROXIMATE COUNT(DISTINCT ${name})`),
    ...(samples && !WITHOUT_ORDER.test(column.type)
      ? [of('least', shown(column, `MIN(${name})`)), of('greatest', shown(column, `MAX(${name})`))]
      : []),
  ];
}

const shown = ({ type }: DocumentedColumn, sql: string) => {
  if (type.startsWith('VARCHAR')) return `LEFT(${sql}, ${SHOWN_CHARACTERS})`;
  return type === 'BOOLEAN'
    ? `CASE WHEN ${sql} THEN 'true' WHEN NOT ${sql} THEN 'false' END`
    : `CAST(${sql} AS VARCHAR(${SHOWN_CHARACTERS}))`;
};

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A profile from the results of `profileQueries`, in their order: rows of cells. */
export function tableProfile(
  queries: readonly ProfileQuery[],
  results: readonly (readonly (readonly unknown[])[])[],
): TableProfile {
  const profiles = new Map<
    string,
    { distinct?: number; least?: string; greatest?: string; samples: string[] }
  >();
  for (const [q, { wanted }] of queries.entries()) {
    for (const row of results[q] ?? []) {
      for (const [i, { column, what }] of wanted.entries()) {
        const cell = Cell.parse(row[i] ?? null);
        const profile = profiles.get(column) ?? { samples: [] };
        profiles.set(column, profile);
        if (cell === null) continue;
        if (what === 'distinct') profile.distinct = Number(cell);
        else if (what === 'sample') profile.samples.push(String(cell));
        else profile[what] = String(cell);
      }
    }
  }
  return new Map(
    [...profiles].map(([column, { distinct, samples, ...range }]) => [
      column,
      { distinct, ...range, samples: [...new Set(samples)] },
    ]),
  );
}
