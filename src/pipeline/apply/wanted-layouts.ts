import { columnIdentity } from '../columns/column-names.ts';
import { type ColumnLimits, ColumnRoom } from '../columns/column-room.ts';
import {
  type Column,
  columnOf,
  compareColumns,
  compareLayouts,
  type Layout,
  leadingPaths,
} from '../columns/layout.ts';
import { withColumns, withRest } from '../columns/layout-growth.ts';
import { columnsSeen, valuesAt } from '../columns/seen-column.ts';
import type { Key } from '../item/key.ts';
import { aspectPath, entryPath, isRoot, memberLevels, memberPath, type Path } from '../item/path.ts';
import { type Seen, type TableSeen, tableSeen } from '../seen/seen.ts';
import { isBelowAny } from '../seen/seen-bounds.ts';

/** The most columns that a table of a live schema gets in one day. Each is an ALTER TABLE, which blocks its readers. */
export const MAX_COLUMNS_PER_DAY = 20;

export interface GrowthLimits extends Omit<ColumnLimits, 'held'> {
  /** Columns that a table got today. */
  readonly addedToday: (table: Path) => number;
  /** The most tables of the schema: `mapping.maxTables`. */
  readonly maxTables: number;
}

/**
 * The layouts for images that showed more than the tables in use have columns for.
 *
 * - A path gets its column at once, up to 20 columns per table and day, those first that most images had. No row of the table
 *   has anything at the path yet, so nothing has to move.
 * - A list, set or map of rows gets its table with its column. A table that is created gets all columns that were seen.
 * - Whatever is left goes to `_rest`. From then on, and wherever a table has `_rest` already, nothing new gets a column before
 *   the next refresh: a path is in a column or in `_rest`, never in both.
 * @param inUse see `layoutsInUse`
 * @param seen what all the images showed
 */
export function wantedLayouts(
  inUse: readonly Layout[],
  seen: Seen,
  key: Key,
  { addedToday, maxTables, ...limits }: GrowthLimits,
): Layout[] {
  const known = new Map(inUse.map((layout) => [layout.table, layout]));
  const wanted = new Map(known);
  /** Lists and maps without a column: their tables are not created. */
  const left = new Set<Path>();
  // A table above decides about those below it.
  const tables = Object.keys(seen.tables).sort(
    (a, b) => memberLevels(a) - memberLevels(b) || (a < b ? -1 : 1),
  );
  for (const table of tables) {
    if (isBelowAny(table, left)) continue;
    const current = known.get(table)?.columns;
    const ofTable = tableSeen(seen, table);
    const fresh = newColumns(ofTable, table, current ?? [], key);
    if (current !== undefined && fresh.length === 0 && ofTable.summarised !== true) continue;
    const room = new ColumnRoom(table, { ...limits, held: new Map([[table, current ?? []]]) });
    const hasRest = current?.some(({ path }) => path === aspectPath(table, 'rest')) === true;
    let columnsLeft = hasRest
      ? 0
      : current === undefined
        ? Number.POSITIVE_INFINITY
        : MAX_COLUMNS_PER_DAY - addedToday(table);
    const taken: Column[] = [];
    let isOver = hasRest || ofTable.summarised === true;
    for (const column of fresh) {
      const needsTable = column.form === 'count' && !hasTable(known, column.path);
      const hasRoom = columnsLeft > 0 && !(needsTable && wanted.size >= maxTables) && room.take(column);
      if (!hasRoom) {
        isOver = true;
        if (column.form === 'count') left.add(column.path);
        continue;
      }
      columnsLeft--;
      taken.push(column);
      if (needsTable)
        for (const below of tablesBelow(column.path, seen)) wanted.set(below, { table: below, columns: [] });
    }
    wanted.set(table, { table, columns: withRest(withColumns(current ?? [], taken), table, isOver) });
  }
  return [...wanted.values()]
    .filter(({ table }) => known.has(table) || isRoot(table) || Object.hasOwn(seen.tables, table))
    .sort(compareLayouts);
}

/** The columns that the images showed and the table lacks: those that most rows had first. */
function newColumns(seen: TableSeen, table: Path, current: readonly Column[], key: Key): Column[] {
  const leading = leadingPaths(table, key);
  const known = new Set(current.map(columnIdentity));
  return columnsSeen(seen)
    .filter((column) => !known.has(columnIdentity(column)))
    .filter(({ path, form }) => form !== 'scalar' || !leading.has(path))
    .toSorted((a, b) => valuesAt(seen, b) - valuesAt(seen, a) || compareColumns(a, b))
    .map(columnOf);
}

const hasTable = (known: ReadonlyMap<Path, unknown>, list: Path) =>
  known.has(memberPath(list)) || known.has(entryPath(list));

/** The tables of a list's members, or of a map's entries, that have rows. */
const tablesBelow = (list: Path, seen: Seen): Path[] =>
  [memberPath(list), entryPath(list)].filter((path) => Object.hasOwn(seen.tables, path));
