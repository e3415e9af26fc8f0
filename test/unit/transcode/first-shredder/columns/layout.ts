import { z } from 'zod';
import { fingerprint } from '../item/fingerprint.ts';
import type { Key } from '../item/key.ts';
import { aspectPath, attributePath, isRoot, memberLevels, type Path, ROOT } from '../item/path.ts';

/** What a column holds of the value at its path: the value, the bytes VARCHAR cannot hold, or a list's length. */
export const Form = z.enum(['scalar', 'bytes', 'count']);
export type Form = z.infer<typeof Form>;

export const Column = z.object({ path: z.string(), form: Form });
export type Column = z.infer<typeof Column>;

/** The column alone, of what may say more about it. */
export const columnOf = ({ path, form }: Column): Column => ({ path, form });

/**
 * The columns of one table's part files, after the copied key and the positions. They are sorted by path and form, so
 * that the same attributes make the same layout in whatever order they were found.
 */
export const Layout = z.object({ table: z.string(), columns: z.array(Column).readonly() });
export type Layout = z.infer<typeof Layout>;

/** What one field of a part file's row holds. */
export type Field =
  | { readonly role: 'key'; readonly path: Path }
  | { readonly role: 'position'; readonly level: number }
  | { readonly role: 'value'; readonly path: Path; readonly form: Form };

/**
 * The fields of a part file, in order: the item's key (partition, then sort); for each level from the outermost, the
 * position of the list's member (0-based, as in DynamoDB) or the name of the map's entry; then the layout's columns.
 */
export function fieldsOf(layout: Layout, key: Key): Field[] {
  const positions = Array.from({ length: memberLevels(layout.table) }, (_, level) => level);
  return [
    ...key.map(({ name }): Field => ({ role: 'key', path: attributePath(ROOT, name) })),
    ...positions.map((level): Field => ({ role: 'position', level })),
    ...layout.columns.map(({ path, form }): Field => ({ role: 'value', path, form })),
  ];
}

/** The paths of values that start every row of a table, as key or position, and so need no column. */
export function leadingPaths(table: Path, key: Key): ReadonlySet<Path> {
  if (isRoot(table)) return new Set(key.map(({ name }) => attributePath(table, name)));
  return new Set([aspectPath(table, 'key')]);
}

/** Ten hexadecimal digits that identify a layout: the same fields of the same table always have the same id. */
export function layoutId(layout: Layout, key: Key): string {
  const columns = layout.columns.map(({ path, form }) => [path, form]);
  return fingerprint(JSON.stringify([layout.table, key.map(({ name }) => name), columns]), 10);
}

/** The order of columns in a layout. */
export function compareColumns(a: Column, b: Column): number {
  return compareTexts(a.path, b.path) || compareTexts(a.form, b.form);
}

/** The order of layouts in a list: the root first, then by path. */
export function compareLayouts(a: Layout, b: Layout): number {
  return compareTexts(a.table, b.table);
}

/** Compares by code unit, so the order does not depend on the locale. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
