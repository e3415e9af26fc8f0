import { type ColumnType, typeText } from '../records/column-type.ts';

/** Columns that a generation's files have under another type, for a message. */
export function differingColumns(
  written: readonly { readonly name: string; readonly type: string }[],
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
): string[] {
  const types = new Map(columns.map(({ name, type }) => [name, typeText(type)]));
  return written.flatMap(({ name, type }) => {
    const now = types.get(name);
    return now === undefined || now === type ? [] : [`column ${name} is ${type}, and is to be ${now}`];
  });
}
