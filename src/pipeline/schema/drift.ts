import { z } from 'zod';
import { columnIdentity } from '../columns/column-names.ts';
import { typeSql } from '../columns/redshift-type.ts';
import { keepsType } from '../columns/widen.ts';
import { type AgreedColumn, type AgreedSchema, runsWithout } from './agreed-schema.ts';
import { type DriftKind, type OnDrift, reactionsOf } from './on-drift.ts';

/** How the schema changes between two of its versions, and through one run. Tables and columns appear by name. */

/** The item that caused a change: see item-text.ts. Absent if it is not known, and in documents of older versions. */
const because = z.string().optional();

const ChangedColumn = z.object({ table: z.string(), column: z.string(), path: z.string(), because });

const SchemaDiff = z.object({
  newTables: z.array(z.object({ table: z.string(), path: z.string(), because })),
  /** Includes the columns of new tables. */
  newColumns: z.array(ChangedColumn.extend({ type: z.string() })),
  /**
   * Types before and after, if every old value keeps its type: a longer VARCHAR, or BIGINT → DECIMAL. For a key
   * attribute, only the root table's column is listed.
   */
  widened: z.array(ChangedColumn.extend({ from: z.string(), to: z.string() })),
  /** All other changes of a type. Before 0.2.0, only those that the mapping made. */
  retyped: z.array(ChangedColumn.extend({ from: z.string(), to: z.string() })).default([]),
  /** Renamed by the mapping or, between epochs, by an operator. */
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
  /** `onDrift` is `report` for a kind of change that this run made. The exit code reports it as well. */
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

/** Whether something is new, wider or of another type. */
export const hasDrift = ({ newTables, newColumns, widened, retyped }: SchemaDiff) =>
  newTables.length + newColumns.length + widened.length + retyped.length > 0;

/** The columns that had values in the run before this one. The others were gone already. */
const newlyGone = ({ gone }: Pick<Drift, 'gone'>): Drift['gone'] => gone.filter(({ runs }) => runs === 1);

/** The changes that a definition has this reaction to. The other lists are empty. */
function changesWith(reaction: 'report' | 'stop', onDrift: OnDrift, drift: Drift): Drift {
  const reactions = reactionsOf(onDrift);
  const ifSo = <T>(kind: DriftKind, changes: readonly T[]): T[] =>
    reactions[kind] === reaction ? [...changes] : [];
  const isNew = new Set(drift.newTables.map(({ table }) => table));
  const [ofNew, ofOld] = [
    drift.newColumns.filter(({ table }) => isNew.has(table)),
    drift.newColumns.filter(({ table }) => !isNew.has(table)),
  ];
  return {
    ...drift,
    newTables: ifSo('newTables', drift.newTables),
    newColumns: [...ifSo('newTables', ofNew), ...ifSo('newColumns', ofOld)],
    widened: ifSo('widerTypes', drift.widened),
    retyped: ifSo('typeChanges', drift.retyped),
    renamed: [],
    gone: ifSo('gone', newlyGone(drift)),
  };
}

export const hasChanges = (drift: Drift) => hasDrift(drift) || drift.gone.length > 0;

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
  newlyGone: newlyGone({ gone }).length,
  flagged,
});

/** One line per change, e.g. `nobel.share: BIGINT → VARCHAR(16) because of id=7`. */
export function diffLines({
  newTables,
  newColumns,
  widened,
  retyped,
  renamed,
  gone = [],
}: SchemaDiff & Partial<Pick<Drift, 'gone'>>): string[] {
  return [
    ...newTables.map(
      ({ table, path, because: item }) =>
        `new table ${table} (${path === '' ? 'the items' : path})${becauseText(item)}`,
    ),
    ...newColumns.map(
      ({ table, column, type, path, because: item }) =>
        `new column ${table}.${column} ${type} (${path})${becauseText(item)}`,
    ),
    ...[...widened, ...retyped].map(
      ({ table, column, from, to, because: item }) =>
        `${table}.${column}: ${from} → ${to}${becauseText(item)}`,
    ),
    ...renamed.map(
      ({ path, from, to }) => `${path === '' ? 'the items' : path}: ${from} is now called ${to}`,
    ),
    ...gone.map(({ table, column, path }) => `no value in ${table}.${column} (${path})`),
  ];
}

const becauseText = (item: string | undefined) => (item === undefined ? '' : ` because of ${item}`);

/** What changed from one version of a pipeline's schema to a later one. If `before` is undefined, everything is new. */
export function diffSchemas(before: AgreedSchema | undefined, after: AgreedSchema): SchemaDiff {
  const diff: SchemaDiff = { newTables: [], newColumns: [], widened: [], retyped: [], renamed: [] };
  const root = after.tables[0]?.name ?? '';
  for (const [i, key] of after.key.entries()) {
    const was = before?.key[i];
    if (was === undefined) continue;
    compareTypes(diff, { table: root, column: key.columnName, path: key.path }, was, key);
    if (was.columnName !== key.columnName) {
      diff.renamed.push({ path: key.path, from: was.columnName, to: key.columnName });
    }
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
      compareTypes(diff, at, columnBefore, column, columnBefore.lastSeen === undefined);
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
export function driftOf(schema: AgreedSchema, by: string, onDrift: OnDrift = 'evolve'): Drift {
  const first = schema.since === by;
  const diff = first ? noDrift() : diffSchemas(withoutChangesOf(schema, by), schema);
  const drift = { ...diff, first, revision: schema.revision, gone: goneColumns(schema), flagged: false };
  return { ...drift, flagged: hasChanges(changesWith('report', onDrift, drift)) };
}

/**
 * The changes that stop a run. The first agreement never stops a run: there is nothing to drift from yet.
 */
export function stoppingChanges(
  before: AgreedSchema | undefined,
  after: AgreedSchema,
  onDrift: OnDrift,
): Drift {
  return before === undefined ? noDrift() : changesWith('stop', onDrift, allChanges(before, after));
}

/**
 * The changes that one run or sample makes, with the columns that have just gone. What is gone is known only of a run, or
 * of a sample that was the whole table: only those are counted in the schema.
 */
export function allChanges(before: AgreedSchema, after: AgreedSchema): Drift {
  const known = new Set(before.runs.map(({ run }) => run));
  const gone = after.runs.some(({ run }) => !known.has(run)) ? newlyGone({ gone: goneColumns(after) }) : [];
  return { ...noDrift(), ...diffSchemas(before, after), first: false, gone };
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
  at: z.infer<typeof ChangedColumn>,
  { type: before }: Pick<AgreedColumn, 'type'>,
  { type: after }: Pick<AgreedColumn, 'type'>,
  hadNoValue = false,
): void {
  const [from, to] = [typeSql(before), typeSql(after)];
  if (from === to) return;
  (hadNoValue || keepsType(before, after) ? widened : retyped).push({ ...at, from, to });
}
