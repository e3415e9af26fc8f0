import type { Path } from '../item/path.ts';
import { type Mapping, tableMapping } from '../mapping/mapping.ts';
import type { ManifestColumn } from './manifest.ts';

export interface Distribution {
  readonly distKey?: string;
  readonly sortKey?: string[];
  /** What of the mapping does not apply, in sentences. */
  readonly notes: readonly string[];
}

/**
 * The columns that the mapping wants a table distributed and sorted by. A path that has no column in the table, or
 * one of a type that Redshift does not sort by, leaves that to AUTO, with a note: a slow query is mended by the next
 * run, hours of extraction thrown away are not.
 */
export function distributionOf(
  table: Path,
  tableName: string,
  columns: readonly ManifestColumn[],
  mapping: Mapping,
): Distribution {
  const wanted = tableMapping(mapping, table);
  const notes: string[] = [];
  const columnAt = (setting: string, path: Path): string | undefined => {
    const column = columns.find((each) => each.path === path && each.form === 'scalar');
    const sortable = column !== undefined && column.type.type !== 'VARBYTE';
    if (sortable) return column.name;
    const reason = column === undefined ? 'has no column of one value' : 'is VARBYTE';
    notes.push(`${setting} of ${tableName} is AUTO: ${path} ${reason} there`);
    return undefined;
  };
  const distKey = wanted?.distKey === undefined ? undefined : columnAt('distKey', wanted.distKey);
  const sortKey = wanted?.sortKey?.map((path) => columnAt('sortKey', path));
  return {
    ...(distKey === undefined ? {} : { distKey }),
    ...(sortKey?.every((name) => name !== undefined) ? { sortKey } : {}),
    notes,
  };
}
