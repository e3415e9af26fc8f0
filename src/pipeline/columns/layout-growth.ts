import type { Key } from '../item/key.ts';
import { aspectPath, entryPath, isRoot, memberLevels, memberPath, type Path, ROOT } from '../item/path.ts';
import { type Seen, type TableSeen, tableSeen } from '../seen/seen.ts';
import { isBelowAny } from '../seen/seen-bounds.ts';
import { columnIdentity } from './column-names.ts';
import { type ColumnLimits, ColumnRoom } from './column-room.ts';
import {
  type Column,
  columnOf,
  compareColumns,
  compareLayouts,
  type Form,
  type Layout,
  leadingPaths,
} from './layout.ts';
import { MAX_SHAPES } from './row-shapes.ts';

/**
 * Decides which attributes get a separate column in the part files. Every change to a layout adds a set of files and a
 * COPY, so only common attributes join. An item with any other attribute is kept whole until the seal, which makes
 * layouts for it.
 */

/** A column joins a layout only if at least 1 in this many rows of its table had it. */
const ROWS_PER_VALUE = 100;
/** The same, as a share of the rows. */
export const COMMON_SHARE = 1 / ROWS_PER_VALUE;
/** At least this many rows must have had it as well: among the first few rows, everything is common. */
const MIN_VALUES = 5;

/**
 * How often the layouts of a run may grow while it is read. With the planned layouts, a table thus has at most eight with all
 * columns, up to seven for shapes (`MAX_SHAPES`), and one for odd items: see `MAX_LAYOUTS`.
 */
export const MAX_GROWTHS = 7;
/** The most layouts that a table's part files have in a run that reads the table itself. Each is at least one COPY. */
export const MAX_LAYOUTS = 1 + MAX_GROWTHS + MAX_SHAPES + 1;

/**
 * The layouts that hold everything seen. The seal encodes the odd items with them. The root table always has one; a
 * list or set has one if it ever had a member.
 * @param rest tables that need columns for the rest of their rows
 */
export function finalLayouts(seen: Seen, key: Key, rest: readonly Path[] = []): Layout[] {
  const tables = new Set([ROOT, ...Object.keys(seen.tables)]);
  return [...tables]
    .map((table): Layout => {
      const columns = columnsSeen(tableSeen(seen, table), table, key).map(columnOf);
      return { table, columns: withRest(columns, table, rest.includes(table)) };
    })
    .sort(compareLayouts);
}

/**
 * The columns that the final layouts leave to the rest of their row, because their table exceeds the column limit: the
 * rarest ones, and the tables that have such columns or showed more paths than are listed.
 * @param limits columns that are always kept: those of the part files and of the agreed schema
 */
export function columnsPastLimit(
  seen: Seen,
  key: Key,
  limits: ColumnLimits,
): { readonly columns: readonly Column[]; readonly tables: readonly Path[] } {
  const excess = { columns: [] as Column[], tables: [] as Path[] };
  const lists = new Set<Path>();
  // Excluding a list excludes its table, so parents come first.
  for (const table of Object.keys(seen.tables).sort((a, b) => memberLevels(a) - memberLevels(b))) {
    if (isBelowAny(table, lists)) continue;
    const ofTable = tableSeen(seen, table);
    const room = new ColumnRoom(table, limits);
    const rest = aspectPath(table, 'rest');
    const rare = commonestFirst(columnsSeen(ofTable, table, key)).filter(
      (column) => column.path !== rest && !room.take(column),
    );
    if (rare.length === 0 && !ofTable.summarised) continue;
    for (const column of rare) {
      excess.columns.push(columnOf(column));
      if (column.form === 'count') lists.add(column.path);
    }
    excess.tables.push(table);
  }
  return excess;
}

export type ColumnsByTable = ReadonlyMap<Path, readonly Column[]>;

/** The columns of all these layouts, by table. A column may be in several of them. */
export function columnsByTable(layouts: Iterable<Layout>): ColumnsByTable {
  const byTable = new Map<Path, Column[]>();
  for (const { table, columns } of layouts) {
    const known = byTable.get(table) ?? [];
    byTable.set(table, known);
    for (const column of columns) known.push(column);
  }
  return byTable;
}

/**
 * The layouts a run starts with, from a sample of every segment. A column is included if at least 1 in 100 rows of its
 * table had it. The root table always has a layout, if only for the key; a list or set has one if the column of its
 * length is included.
 *
 * If the sample shows more columns than a table may have, or more paths than are listed, the table gets columns for the rest of its rows. For the
 * whole run, every value without a column goes there.
 * @param known layouts of the agreed schema: their columns are included whatever the sample shows
 * @param limits with all columns of the agreed schema, which the warehouse's tables keep
 */
export function sampleLayouts(
  seen: Seen,
  key: Key,
  known: readonly Layout[] = [],
  limits: ColumnLimits = NO_LIMITS,
): Layout[] {
  const isCommon = (values: number, rows: number) => values * ROWS_PER_VALUE >= rows;
  return grow(known, seen, key, isCommon, limits).map(({ table, columns }) => {
    const room = new ColumnRoom(table, limits);
    const ofTable = tableSeen(seen, table);
    const isOverfull =
      ofTable.summarised || columnsSeen(ofTable, table, key).some((column) => !room.take(column));
    return { table, columns: withRest(columns, table, isOverfull === true) };
  });
}

/**
 * The layouts to continue with after a cut. A column joins if at least 1 in 100 rows of its table, and at least 5 rows,
 * had it. A list's table joins with the column of its length. No column ever leaves. The order of the items does not
 * matter. Returns `current` itself if nothing joins.
 * @param limits with the plan's `held` columns
 */
export function nextLayouts(
  current: readonly Layout[],
  seenSoFar: Seen,
  key: Key,
  limits: ColumnLimits = NO_LIMITS,
): readonly Layout[] {
  const next = grow(
    current,
    seenSoFar,
    key,
    (values, rows) => values >= MIN_VALUES && values * ROWS_PER_VALUE >= rows,
    limits,
  );
  const columns = (layouts: readonly Layout[]) => layouts.reduce((sum, l) => sum + l.columns.length, 0);
  return next.length === current.length && columns(next) === columns(current) ? current : next;
}

const NO_LIMITS: ColumnLimits = { held: new Map() };

type IsCommon = (values: number, rows: number) => boolean;

function grow(
  current: readonly Layout[],
  seen: Seen,
  key: Key,
  isCommon: IsCommon,
  limits: ColumnLimits,
): Layout[] {
  const kept = new Map(current.map((layout) => [layout.table, layout]));
  const grown: Layout[] = [];
  const open: Path[] = [ROOT, ...kept.keys(), ...Object.keys(seen.tables).filter(isRoot)];
  const done = new Set<Path>();
  for (let table = open.pop(); table !== undefined; table = open.pop()) {
    if (done.has(table)) continue;
    done.add(table);
    const columns = new Map(
      (kept.get(table)?.columns ?? []).map((column) => [columnIdentity(column), column]),
    );
    const ofTable = tableSeen(seen, table);
    const room = new ColumnRoom(table, limits, [...(limits.held.get(table) ?? []), ...columns.values()]);
    for (const column of commonestFirst(columnsSeen(ofTable, table, key))) {
      if (isCommon(column.values, ofTable.rows) && room.take(column)) {
        columns.set(columnIdentity(column), columnOf(column));
      }
    }
    for (const { path, form } of columns.values()) {
      if (form !== 'count') continue;
      const hasEntries = Object.hasOwn(seen.tables, entryPath(path));
      if (hasEntries) open.push(entryPath(path));
      if (!hasEntries || Object.hasOwn(seen.tables, memberPath(path))) open.push(memberPath(path));
    }
    grown.push({ table, columns: [...columns.values()].sort(compareColumns) });
  }
  return grown.sort(compareLayouts);
}

interface ColumnSeen extends Column {
  readonly values: number;
}

/** Puts the column that most rows had first; ties are in layout order. */
function commonestFirst(columns: readonly ColumnSeen[]): ColumnSeen[] {
  return columns.toSorted((a, b) => b.values - a.values || compareColumns(a, b));
}

/** Adds the columns that are missing. */
export function withColumns(columns: readonly Column[], more: readonly Column[]): Column[] {
  const all = new Map([...columns, ...more].map((column) => [columnIdentity(column), columnOf(column)]));
  return [...all.values()].sort(compareColumns);
}

/** Adds both columns for the rest if they are wanted or either exists. */
export function withRest(columns: readonly Column[], table: Path, wanted: boolean): Column[] {
  const path = aspectPath(table, 'rest');
  const others = columns.filter((column) => column.path !== path);
  if (!wanted && others.length === columns.length) return [...columns];
  const rest = (['scalar', 'bytes'] as const).map((form): Column => ({ path, form }));
  return [...others, ...rest].sort(compareColumns);
}

/** The columns that a table's rows showed, in layout order, without the fields that start every file. */
function columnsSeen(seen: TableSeen, table: Path, key: Key): ColumnSeen[] {
  const leading = leadingPaths(table, key);
  const columns = (record: Readonly<Record<Path, { readonly values: number }>>, form: Form) =>
    Object.entries(record).map(([path, { values }]): ColumnSeen => ({ path, form, values }));
  return [
    ...columns(seen.scalars, 'scalar').filter(({ path }) => !leading.has(path)),
    ...columns(seen.bytes, 'bytes'),
    ...columns(seen.counts, 'count'),
  ].sort(compareColumns);
}
