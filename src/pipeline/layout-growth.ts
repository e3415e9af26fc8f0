import type { Key } from './key.ts';
import { type Column, compareColumns, compareLayouts, type Form, type Layout } from './layout.ts';
import { attributePath, memberPath, type Path, ROOT } from './path.ts';
import { type Seen, type TableSeen, tableSeen } from './seen.ts';

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
 */
export function finalLayouts(seen: Seen, key: Key): Layout[] {
  const tables = new Set([ROOT, ...Object.keys(seen.tables)]);
  return [...tables]
    .map((table) => ({ table, columns: columnsSeen(tableSeen(seen, table), table, key).map(columnOf) }))
    .sort(compareLayouts);
}

/**
 * The layouts a run starts with, from a sample of every segment: what at least 1 in 100 rows of their table had.
 * The root table always has one, if only for the key; a list or set has one where the column of its length has
 * its place.
 * @param known layouts whose columns have their places whatever the sample shows: those of the agreed schema
 */
export function sampleLayouts(seen: Seen, key: Key, known: readonly Layout[] = []): Layout[] {
  return grow(known, seen, key, (values, rows) => values * ROWS_PER_VALUE >= rows);
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

function grow(current: readonly Layout[], seen: Seen, key: Key, isCommon: IsCommon): Layout[] {
  const kept = new Map(current.map((layout) => [layout.table, layout]));
  const grown: Layout[] = [];
  const open: Path[] = [ROOT, ...kept.keys()];
  const done = new Set<Path>();
  for (let table = open.pop(); table !== undefined; table = open.pop()) {
    if (done.has(table)) continue;
    done.add(table);
    const columns = new Map((kept.get(table)?.columns ?? []).map((column) => [textOf(column), column]));
    const ofTable = tableSeen(seen, table);
    for (const column of columnsSeen(ofTable, table, key)) {
      if (isCommon(column.values, ofTable.rows)) columns.set(textOf(column), columnOf(column));
    }
    for (const { path, form } of columns.values()) if (form === 'count') open.push(memberPath(path));
    grown.push({ table, columns: [...columns.values()].sort(compareColumns) });
  }
  return grown.sort(compareLayouts);
}

interface ColumnSeen extends Column {
  readonly values: number;
}

const textOf = ({ path, form }: Column) => `${form}:${path}`;
const columnOf = ({ path, form }: Column): Column => ({ path, form });

/** The columns a table's rows showed, without the key, which every file begins with; in the layout's order. */
function columnsSeen(seen: TableSeen, table: Path, key: Key): ColumnSeen[] {
  const keyPaths = new Set(table === ROOT ? key.map(({ name }) => attributePath(ROOT, name)) : []);
  const columns = (record: Readonly<Record<Path, { readonly values: number }>>, form: Form) =>
    Object.entries(record).map(([path, { values }]): ColumnSeen => ({ path, form, values }));
  return [
    ...columns(seen.scalars, 'scalar').filter(({ path }) => !keyPaths.has(path)),
    ...columns(seen.bytes, 'bytes'),
    ...columns(seen.counts, 'count'),
  ].sort(compareColumns);
}
