import { z } from 'zod';
import { columnIdentity } from '../columns/column-names.ts';
import { type RedshiftType, typeSql } from '../columns/redshift-type.ts';
import { joinTypes } from '../columns/widen.ts';
import { type AgreedColumn, type AgreedSchema, runsWithout } from './agreed-schema.ts';

/** How the schema changes between two of its versions, and through one run. Tables and columns appear by name. */

const ChangedColumn = z.object({ table: z.string(), column: z.string(), path: z.string() });

const SchemaDiff = z.object({
  newTables: z.array(z.object({ table: z.string(), path: z.string() })),
  /** Includes the columns of new tables. */
  newColumns: z.array(ChangedColumn.extend({ type: z.string() })),
  /** Types before and after. For a key attribute, only the root table's column is listed. */
  widened: z.array(ChangedColumn.extend({ from: z.string(), to: z.string() })),
  /** Columns with another type that does not hold everything the type before held: only the mapping does that. */
  retyped: z.array(ChangedColumn.extend({ from: z.string(), to: z.string() })).default([]),
  /** Renamed by the mapping, the only thing that changes a name. */
  renamed: z.array(z.object({ path: z.string(), from: z.string(), to: z.string() })),
});
type SchemaDiff = z.infer<typeof SchemaDiff>;

export const Drift = SchemaDiff.extend({
  /** The pipeline had no schema before, so nothing is drift and the lists are empty. */
  first: z.boolean(),
  /** The revision of the agreed schema that the run uses. */
  revision: z.number().int().nonnegative(),
  /** Columns without a value in this run, and how many runs in a row that has been so. */
  gone: z.array(ChangedColumn.extend({ runs: z.number().int().positive() })),
  /** The definition has `onDrift: report`, and something is new or wider. The exit code reports it as well. */
  flagged: z.boolean().default(false),
});
export type Drift = z.infer<typeof Drift>;

export const noDrift = (): Drift => ({
  first: true,
  revision: 0,
  newTables: [],
  newColumns: [],
  widened: [],
  retyped: [],
  renamed: [],
  gone: [],
  flagged: false,
});

/** Whether something is new, wider or of another type, which `onDrift: stop` stops for. Gone columns are only reported. */
export const hasDrift = ({ newTables, newColumns, widened, retyped }: SchemaDiff) =>
  newTables.length + newColumns.length + widened.length + retyped.length > 0;

/** The number of changes of each kind. */
export const driftCounts = ({
  revision,
  newTables,
  newColumns,
  widened,
  retyped,
  renamed,
  gone,
  flagged,
}: Drift) => ({
  revision,
  newTables: newTables.length,
  newColumns: newColumns.length,
  widened: widened.length,
  retyped: retyped.length,
  renamed: renamed.length,
  gone: gone.length,
  flagged,
});

/** One line per change, e.g. `nobel.share: VARCHAR(16) → VARCHAR(64)`. */
export function diffLines({ newTables, newColumns, widened, retyped, renamed }: SchemaDiff): string[] {
  return [
    ...newTables.map(({ table, path }) => `new table ${table} (${path === '' ? 'the items' : path})`),
    ...newColumns.map(({ table, column, type, path }) => `new column ${table}.${column} ${type} (${path})`),
    ...[...widened, ...retyped].map(({ table, column, from, to }) => `${table}.${column}: ${from} → ${to}`),
    ...renamed.map(
      ({ path, from, to }) => `${path === '' ? 'the items' : path}: ${from} is now called ${to}`,
    ),
  ];
}

/** What changed from one version of a pipeline's schema to a later one. If `before` is undefined, everything is new. */
export function diffSchemas(before: AgreedSchema | undefined, after: AgreedSchema): SchemaDiff {
  const diff: SchemaDiff = { newTables: [], newColumns: [], widened: [], retyped: [], renamed: [] };
  const root = after.tables[0]?.name ?? '';
  for (const [i, key] of after.key.entries()) {
    const was = before?.key[i];
    if (was !== undefined) compareTypes(diff, root, key.columnName, key.path, was.type, key.type);
  }
  const tablesBefore = new Map(before?.tables.map((table) => [table.path, table]));
  for (const { path, name, columns } of after.tables) {
    const was = tablesBefore.get(path);
    if (was === undefined) diff.newTables.push({ table: name, path });
    else if (was.name !== name) diff.renamed.push({ path, from: was.name, to: name });
    const columnsBefore = new Map(was?.columns.map((column) => [columnIdentity(column), column]));
    for (const column of columns) {
      const columnBefore = columnsBefore.get(columnIdentity(column));
      const at = { table: name, column: column.name, path: column.path };
      if (columnBefore === undefined) {
        diff.newColumns.push({ ...at, type: typeSql(column.type) });
        continue;
      }
      compareTypes(diff, name, column.name, column.path, columnBefore.type, column.type);
      if (columnBefore.name !== column.name) {
        diff.renamed.push({ path: column.path, from: columnBefore.name, to: column.name });
      }
    }
  }
  return diff;
}

/**
 * What one run or inference changed in the schema. It depends only on the schema, so an attempt that runs after another
 * attempt wrote the schema gets the same result.
 */
export function driftOf(schema: AgreedSchema, by: string, onDrift = 'evolve'): Drift {
  const first = schema.since === by;
  const diff = first ? noDrift() : diffSchemas(withoutChangesOf(schema, by), schema);
  return {
    ...diff,
    first,
    revision: schema.revision,
    gone: goneColumns(schema),
    flagged: onDrift === 'report' && hasDrift(diff),
  };
}

function goneColumns(schema: AgreedSchema): Drift['gone'] {
  return schema.tables.flatMap(({ name, columns }) =>
    columns.flatMap((column) => {
      const runs = runsWithout(schema, column) ?? 0;
      return runs === 0 ? [] : [{ table: name, column: column.name, path: column.path, runs }];
    }),
  );
}

function withoutChangesOf(schema: AgreedSchema, by: string): AgreedSchema {
  const typeBefore = <T extends Pick<AgreedColumn, 'type' | 'changed'>>(column: T): T =>
    column.changed?.by === by ? { ...column, type: column.changed.from } : column;
  const nameBefore = <T extends Pick<AgreedColumn, 'name' | 'renamed'>>(named: T): T =>
    named.renamed?.by === by ? { ...named, name: named.renamed.from } : named;
  return {
    ...schema,
    key: schema.key.map(typeBefore),
    tables: schema.tables
      .filter(({ since }) => since !== by)
      .map((table) => ({
        ...nameBefore(table),
        columns: table.columns
          .filter(({ since }) => since !== by)
          .map((column) => nameBefore(typeBefore(column))),
      })),
  };
}

function compareTypes(
  { widened, retyped }: SchemaDiff,
  table: string,
  column: string,
  path: string,
  before: RedshiftType,
  after: RedshiftType,
): void {
  const [from, to] = [typeSql(before), typeSql(after)];
  if (from === to) return;
  const isWider = typeSql(joinTypes(before, after)) === to;
  (isWider ? widened : retyped).push({ table, column, path, from, to });
}
