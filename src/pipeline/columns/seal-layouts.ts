import type { Key } from '../item/key.ts';
import { entryPath, memberPath, type Path, parentTable } from '../item/path.ts';
import { type Seen, withoutColumns } from '../seen/seen.ts';
import type { ColumnLimits } from './column-room.ts';
import { type Column, compareLayouts, type Layout } from './layout.ts';
import { columnsPastLimit, finalLayouts, withColumns, withRest } from './layout-growth.ts';

/** The layouts for items that did not fit the layouts when they were read. */
export interface SealLayouts {
  readonly layouts: readonly Layout[];
  /** The columns that were seen but get no column: their values go to the rest of their row. */
  readonly past: readonly Column[];
  /** The tables in whose rows that may happen. */
  readonly rest: readonly Path[];
}

/**
 * Layouts that hold everything seen, and everything that was not listed of summarised tables.
 *
 * Of a summarised table, and of the tables below it, an odd item may have paths that no checkpoint lists. So these
 * tables have a column for the rest. They also have every column that any part file has, even if it is not listed as
 * seen: a path is either in a column or in the rest, never in both.
 * @param seen in all items, with the columns that some items lack
 * @param limits columns that are kept whatever was seen: those of part files and of the agreed schema
 * @param planned the layouts that every cut had: their lists have no path that is not listed
 */
export function sealLayouts(
  seen: Seen,
  key: Key,
  limits: ColumnLimits,
  planned: readonly Layout[],
): SealLayouts {
  const { held } = limits;
  const past = columnsPastLimit(seen, key, limits);
  const listed = withoutColumns(seen, past.columns);
  const layouts = new Map(finalLayouts(listed, key, past.tables).map((layout) => [layout.table, layout]));
  const summarised = new Set(Object.keys(listed.tables).filter((table) => listed.tables[table]?.summarised));
  if (summarised.size === 0) return { layouts: [...layouts.values()], past: past.columns, rest: past.tables };
  const plannedTables = new Set(planned.map(({ table }) => table));
  const rest = new Set(past.tables);
  const extend = (table: Path) => {
    if (!isIn(table, summarised)) return;
    if (summarised.has(table) || !plannedTables.has(table)) rest.add(table);
    const { columns } = layouts.get(table) ?? { columns: [] };
    const all = withColumns(columns, held.get(table) ?? []);
    layouts.set(table, { table, columns: withRest(all, table, rest.has(table)) });
  };
  for (const table of new Set([...layouts.keys(), ...held.keys()])) extend(table);
  // A list that was empty in every item that lists it may have members in one that does not.
  for (const { table, columns } of [...layouts.values()]) {
    if (!isIn(table, summarised)) continue;
    for (const { path, form } of columns) {
      if (form !== 'count') continue;
      for (const below of [memberPath(path), entryPath(path)]) if (!layouts.has(below)) extend(below);
    }
  }
  return { layouts: [...layouts.values()].sort(compareLayouts), past: past.columns, rest: [...rest] };
}

/** Whether a table is one of these, or below one of them. */
function isIn(table: Path, tables: ReadonlySet<Path>): boolean {
  for (let at: Path | undefined = table; at !== undefined; at = parentTable(at)) {
    if (tables.has(at)) return true;
  }
  return false;
}
