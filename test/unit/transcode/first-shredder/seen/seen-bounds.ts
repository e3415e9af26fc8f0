import { isRoot, listOf, type Path, parentTable } from '../item/path.ts';
import type { Seen, TableSeen } from './seen.ts';

/**
 * What is seen is memory, in a worker and in every checkpoint. A map that is used as a dictionary may show millions of
 * paths, but a table has at most 1,500 columns. So of each table's paths only so many are listed. A table that has
 * more is summarised: values at the other paths are counted nowhere until the seal encodes their items, which puts
 * them into `_rest`.
 */

/** The most paths without a column that are listed of a table. */
export const MAX_PATHS = 10_000;
/** The most characters that those of a table have together. */
export const MAX_PATHS_CHARACTERS = 8_000_000;

/**
 * What was seen, without the rarest paths of each table that shows too many. Those tables are marked as summarised.
 * The result depends only on the counts, and is `seen` itself if no table shows too many.
 */
export function boundedSeen(seen: Seen, maxPaths = MAX_PATHS): Seen {
  const removedLists = new Set<Path>();
  const changed = new Map<Path, TableSeen>();
  for (const [path, table] of Object.entries(seen.tables)) {
    const bounded = boundedTable(table, maxPaths, removedLists);
    if (bounded !== table) changed.set(path, bounded);
  }
  if (changed.size === 0) return seen;
  return {
    tables: Object.fromEntries(
      Object.entries(seen.tables)
        .filter(([path]) => !isBelowAny(path, removedLists))
        .map(([path, table]) => [path, changed.get(path) ?? table]),
    ),
  };
}

/** Whether a table's rows are members or entries, however deep, of one of these lists, sets or maps. */
export function isBelowAny(table: Path, lists: ReadonlySet<Path>): boolean {
  if (lists.size === 0) return false;
  for (let at: Path | undefined = table; at !== undefined && !isRoot(at); at = parentTable(at)) {
    if (lists.has(listOf(at))) return true;
  }
  return false;
}

type Form = 'scalars' | 'bytes' | 'counts';

function boundedTable(table: TableSeen, maxPaths: number, removedLists: Set<Path>): TableSeen {
  const forms = ['scalars', 'bytes', 'counts'] as const;
  const columns = forms.flatMap((form) =>
    Object.entries(table[form]).map(([path, { values }]) => ({ form, path, values })),
  );
  if (columns.length <= maxPaths && characters(columns) <= MAX_PATHS_CHARACTERS) return table;
  const kept: Record<Form, Set<Path>> = { scalars: new Set(), bytes: new Set(), counts: new Set() };
  let room = MAX_PATHS_CHARACTERS;
  // The commonest first; ties in path order, so that the result does not depend on how the data was split.
  columns.sort((a, b) => b.values - a.values || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const { form, path } of columns.slice(0, maxPaths)) {
    room -= path.length;
    if (room >= 0) kept[form].add(path);
  }
  for (const path of Object.keys(table.counts)) if (!kept.counts.has(path)) removedLists.add(path);
  const only = <T>(record: Readonly<Record<string, T>>, form: Form): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([path]) => kept[form].has(path)));
  return {
    rows: table.rows,
    scalars: only(table.scalars, 'scalars'),
    bytes: only(table.bytes, 'bytes'),
    counts: only(table.counts, 'counts'),
    summarised: true,
  };
}

const characters = (columns: readonly { readonly path: Path }[]) =>
  columns.reduce((sum, { path }) => sum + path.length, 0);
