import { containersOf, levelsOf, type Path, withoutAspect } from '../item/path.ts';
import type { Form } from './layout.ts';

/** A column, and what it was made of. */
export interface ColumnOrigin {
  readonly role: 'key' | 'position' | 'value';
  /** The path of what it holds; for a position, the table's own path. */
  readonly path: Path;
  readonly form?: Form | undefined;
}

/** What a column holds, in terms of the item: `prizes[].year`, or `position in prizes, from 0`. */
export function originText(table: Path, { role, path, form }: ColumnOrigin, level = 0): string {
  if (role === 'position') {
    const container = containersOf(table)[level];
    return levelsOf(table)[level] === 'entry'
      ? `name of the entry of ${container}`
      : `position in ${container}, from 0`;
  }
  if (path.endsWith('%rest')) return 'values without a column, by path';
  const value = withoutAspect(path);
  if (form === 'count') return `number of members of ${value}`;
  if (form === 'bytes') return `${value}, if VARCHAR or SUPER cannot hold it`;
  return path.endsWith('%super') ? `${value}, kept whole` : value;
}

/** Each column with the level of its position, from 0; 0 for all others. */
export function withLevels<T extends Pick<ColumnOrigin, 'role'>>(
  columns: readonly T[],
): { readonly column: T; readonly level: number }[] {
  let next = 0;
  return columns.map((column) => ({ column, level: column.role === 'position' ? next++ : 0 }));
}
