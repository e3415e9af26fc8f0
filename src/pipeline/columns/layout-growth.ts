import type { Key } from '../item/key.ts';
import { aspectPath, entryPath, isRoot, memberLevels, memberPath, type Path, ROOT } from '../item/path.ts';
import { type Seen, type TableSeen, tableSeen } from '../seen/seen.ts';
import { columnIdentity } from './column-names.ts';
import { ColumnRoom } from './column-room.ts';
import {
  type Column,
  compareColumns,
  compareLayouts,
  type Form,
  type Layout,
  leadingPaths,
} from './layout.ts';

/**
 * Which attributes get a column of their own in the part files. Every change of a layout makes one more set of
 * files and one more COPY, so only what is common joins; an item with anything else waits, whole, for the layouts
 * made at the seal.
 */

/** A column joins where at least 1 in this many rows of its table had it … */
const ROWS_PER_VALUE = 100;
/** The same as a share of the rows. */
export const COMMON_SHARE = 1 / ROWS_PER_VALUE;
/** … and at least this many did: among the first few rows everything is common. */
const FEWEST_VALUES = 5;

/**
 * The layouts that hold everything seen: what the seal encodes the odd items with. The root table always has
 * one, a list or set has one where it ever had a member.
 * @param rest tables that need a column for the rest of their rows
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
 * What the final layouts leave to the rest of its row, because its table has more columns than it may: the rarest.
 * @param held columns that stay whatever they hold, by table: of the part files and of the agreed schema
 */
export function columnsPastLimit(
  seen: Seen,
  key: Key,
  held: ColumnsByTable,
): { readonly columns: readonly Column[]; readonly tables: readonly Path[] } {
  const past = { columns: [] as Column[], tables: [] as Path[] };
  // A list past the limit takes its table with it, so parents come first.
  for (const table of Object.keys(seen.tables).sort((a, b) => memberLevels(a) - memberLevels(b))) {
    if (past.columns.some(({ path, form }) => form === 'count' && isBelow(table, path))) continue;
    const room = new ColumnRoom(table, held.get(table) ?? []);
    const rest = aspectPath(table, 'rest');
    const rare = commonestFirst(columnsSeen(tableSeen(seen, table), table, key)).filter(
      (column) => column.path !== rest && !room.take(column),
    );
    if (rare.length === 0) continue;
    past.columns.push(...rare.map(columnOf));
    past.tables.push(table);
  }
  return past;
}

/** Table → columns. */
type ColumnsByTable = ReadonlyMap<Path, readonly Column[]>;

const isBelow = (table: Path, list: Path) =>
  table.startsWith(memberPath(list)) || table.startsWith(entryPath(list));

/**
 * The layouts a run starts with, from a sample of every segment: what at least 1 in 100 rows of their table had.
 * The root table always has one, if only for the key; a list or set has one where the column of its length has
 * its place.
 *
 * A table of which the sample shows more columns than it may have gets one for the rest of its rows: whatever has
 * none of its own goes there, in the whole run.
 * @param known layouts whose columns have their places whatever the sample shows: those of the agreed schema
 * @param held all columns of the agreed schema: the warehouse's tables keep them
 */
export function sampleLayouts(
  seen: Seen,
  key: Key,
  known: readonly Layout[] = [],
  held: ColumnsByTable = new Map(),
): Layout[] {
  const isCommon = (values: number, rows: number) => values * ROWS_PER_VALUE >= rows;
  return grow(known, seen, key, isCommon, held).map(({ table, columns }) => {
    const room = new ColumnRoom(table, held.get(table) ?? []);
    const isOverfull = columnsSeen(tableSeen(seen, table), table, key).some((column) => !room.take(column));
    return { table, columns: withRest(columns, table, isOverfull) };
  });
}

/**
 * The layouts to go on with after a cut. A column joins where at least 1 in 100 rows of its table had it and at
 * least 5 did; a list's table joins with the column of its length. What is in stays in. The order in which items
 * came plays no part. Answers `current` itself where nothing joins.
 */
export function nextLayouts(current: readonly Layout[], seenSoFar: Seen, key: Key): readonly Layout[] {
  const next = grow(
    current,
    seenSoFar,
    key,
    (values, rows) => values >= FEWEST_VALUES && values * ROWS_PER_VALUE >= rows,
  );
  const columns = (layouts: readonly Layout[]) => layouts.reduce((sum, l) => sum + l.columns.length, 0);
  return next.length === current.length && columns(next) === columns(current) ? current : next;
}

type IsCommon = (values: number, rows: number) => boolean;

function grow(
  current: readonly Layout[],
  seen: Seen,
  key: Key,
  isCommon: IsCommon,
  held: ColumnsByTable = new Map(),
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
    const room = new ColumnRoom(table, [...(held.get(table) ?? []), ...columns.values()]);
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

const columnOf = ({ path, form }: Column): Column => ({ path, form });

/** By how many rows had them; where as many did, in the layout's order. */
function commonestFirst(columns: readonly ColumnSeen[]): ColumnSeen[] {
  return columns.toSorted((a, b) => b.values - a.values || compareColumns(a, b));
}

/** With both columns for the rest, where they are asked for or one is there. */
function withRest(columns: readonly Column[], table: Path, wanted: boolean): Column[] {
  const path = aspectPath(table, 'rest');
  const others = columns.filter((column) => column.path !== path);
  if (!wanted && others.length === columns.length) return [...columns];
  const rest = (['scalar', 'bytes'] as const).map((form): Column => ({ path, form }));
  return [...others, ...rest].sort(compareColumns);
}

/** The columns a table's rows showed, without what every file begins with; in the layout's order. */
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
