import type { Path } from '../../item/path.ts';
import { type Mapping, tableMapping } from '../../mapping/mapping.ts';
import type { ManifestColumn } from '../manifest.ts';

export interface Distribution {
  readonly distKey?: string;
  readonly sortKey?: string[];
  /** Messages about settings of the mapping that do not apply. */
  readonly notes: readonly string[];
}

/**
 * The columns by which the mapping distributes and sorts a table. If a path has no column in the table, or its type is one
 * that Redshift cannot sort by, the setting stays AUTO, with a note. This is not an error: the next run can fix a slow
 * query, but hours of extraction would be lost.
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
    const reason = column === undefined ? 'has no scalar column' : 'is VARBYTE';
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
