import { z } from 'zod';
import { type RedshiftType, typeSql } from '../columns/redshift-type.ts';
import { lockedMarker, type Marker, writeMarkerTables } from '../load/marker.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';

/** A table as an apply needs it. */
export interface WantedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: RedshiftType }[];
}

/** The tables of a schema, each with its columns' types as the catalogue writes them. */
export type FoundTables = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads the catalogue alone, so it never waits for an apply. */
export const foundTablesQuery = (schema: string): string =>
  'SELECT c.relname AS "table_name", a.attname AS "column_name", ' +
  'FORMAT_TYPE(a.atttypid, a.atttypmod)::VARCHAR AS "type" ' +
  'FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
  'JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ' +
  `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relkind = 'r'`;

const FoundRow = z.object({ table_name: z.string(), column_name: z.string(), type: z.string() });

/** Parses the answer to `foundTablesQuery`. */
export function foundTablesOf(rows: readonly ResultRow[]): FoundTables {
  const tables = new Map<string, Map<string, string>>();
  for (const { table_name: table, column_name: column, type } of z.array(FoundRow).parse(rows)) {
    const columns = tables.get(table) ?? new Map<string, string>();
    columns.set(column, type);
    tables.set(table, columns);
  }
  return tables;
}

/** What a schema lacks. */
export type Lacking<Table extends WantedTable> =
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'column'; readonly table: string; readonly name: string; readonly type: RedshiftType }
  /** Its VARCHAR is too short. */
  | { readonly kind: 'width'; readonly table: string; readonly name: string; readonly bytes: number };

/** What the schema needs before an apply: columns that it lacks, wider texts, whole tables. */
export function lackingIn<Table extends WantedTable>(
  found: FoundTables,
  wanted: readonly Table[],
): Lacking<Table>[] {
  return wanted.flatMap((table): Lacking<Table>[] => {
    const columns = found.get(table.name);
    if (columns === undefined) return [{ kind: 'table', table }];
    return table.columns.flatMap(({ name, type }): Lacking<Table>[] => {
      const now = columns.get(name);
      if (now === undefined) return [{ kind: 'column', table: table.name, name, type }];
      const bytes = Number(/^character varying\((\d+)\)$/.exec(now)?.[1] ?? Number.POSITIVE_INFINITY);
      return type.type === 'VARCHAR' && bytes < type.bytes
        ? [{ kind: 'width', table: table.name, name, bytes: type.bytes }]
        : [];
    });
  });
}

/**
 * Adds one column, in a short transaction of its own before the apply and never in it: ALTER TABLE blocks the table's readers
 * until its transaction ends, and adds one column. There is no IF NOT EXISTS: after a failure, look whether it is there.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
 */
export const addColumn = (
  schema: string,
  marker: Marker,
  { table, name, type }: Extract<Lacking<WantedTable>, { kind: 'column' }>,
  comments: readonly string[] = [],
): string[] => [
  ...lockedMarker(schema, marker),
  `ALTER TABLE ${qualified(schema, table)} ADD COLUMN ${quoteIdentifier(name)} ${typeSql(type)}`,
  ...comments,
];

/**
 * Widens a VARCHAR. It must be alone, so nothing can guard it: should another run's schema have taken the name, its column
 * becomes as wide at most. Not for key columns: Redshift does not alter columns of a primary key.
 */
export const widenColumn = (
  schema: string,
  { table, name, bytes }: Extract<Lacking<WantedTable>, { kind: 'width' }>,
): string =>
  `ALTER TABLE ${qualified(schema, table)} ALTER COLUMN ${quoteIdentifier(name)} TYPE VARCHAR(${bytes})`;

/**
 * Creates a table, with its comments and the rights of others on it, and enters it into the marker's list. One transaction, which may be
 * repeated.
 * @param create its CREATE TABLE IF NOT EXISTS
 * @param rights grants and owner, as the root has them
 * @param tables the marker's list with it
 */
export const createTableLike = (
  schema: string,
  marker: Marker,
  {
    create,
    comments = [],
    rights,
    tables,
  }: {
    readonly create: string;
    readonly comments?: readonly string[];
    readonly rights: readonly string[];
    readonly tables: readonly string[] | undefined;
  },
): string[] => [
  ...lockedMarker(schema, marker),
  create,
  // Before the table gets another owner.
  ...comments,
  ...rights,
  ...(tables === undefined ? [] : [writeMarkerTables(schema, tables)]),
];
