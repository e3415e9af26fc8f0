import { typeText } from '../records/column-type.ts';
import { typeOfText } from '../records/type-of-text.ts';
import type { TableColumn } from './column-type.ts';

/** Columns as documents have them. */
export type WrittenColumns = readonly { readonly name: string; readonly type: string }[];

/**
 * The columns of a record module, then those that it no longer has and files have: these are NULL in new rows. They take no part in the
 * choice between duplicates before all others are equal.
 * @param earlier of those files, the first decides about a type
 */
export function withEarlierColumns(
  columns: readonly TableColumn[],
  earlier: readonly WrittenColumns[],
): readonly TableColumn[] {
  const found = new Map(columns.map((column) => [column.name, column]));
  for (const { name, type } of earlier.flat())
    if (!found.has(name)) found.set(name, { name, type: typeOfText(type), isComputed: true });
  return [...found.values()];
}

/** Whether files with these columns are what a record module with those would write, but for columns that were added. */
export function fitsColumns(written: WrittenColumns, columns: readonly TableColumn[]): boolean {
  const types = new Map(columns.map(({ name, type }) => [name, typeText(type)]));
  return written.every(({ name, type }) => types.get(name) === type);
}
