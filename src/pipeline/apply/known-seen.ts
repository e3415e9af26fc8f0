import { columnIdentity } from '../columns/column-names.ts';
import type { Column, Layout } from '../columns/layout.ts';
import { columnsSeen } from '../columns/seen-column.ts';
import { type Seen, withoutColumns } from '../seen/seen.ts';

/** What was seen in columns that the layouts have: nothing of new paths, and so no new names. */
export function knownSeen(seen: Seen, layouts: readonly Layout[]): Seen {
  const known = new Map(layouts.map(({ table, columns }) => [table, new Set(columns.map(columnIdentity))]));
  const tables = Object.entries(seen.tables).filter(([table]) => known.has(table));
  const fresh = tables.flatMap(([table, ofTable]): Column[] =>
    columnsSeen(ofTable).filter((column) => known.get(table)?.has(columnIdentity(column)) !== true),
  );
  return withoutColumns({ tables: Object.fromEntries(tables) }, fresh);
}
