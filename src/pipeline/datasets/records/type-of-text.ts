import { type ColumnType, columnType } from './column-type.ts';

/**
 * The type that a generation's document names: as `typeText` writes it, lists and structs included.
 * @throws TypeError
 */
export function typeOfText(text: string): ColumnType {
  const list = /^list\((.*)\)$/s.exec(text)?.[1];
  if (list !== undefined) return { kind: 'list', of: typeOfText(list) };
  const struct = /^struct\((.*)\)$/s.exec(text)?.[1];
  if (struct === undefined) return columnType(text);
  const fields = partsOf(struct).map((part) => {
    const [, name = '', type = ''] = /^(\S+) (.*)$/s.exec(part) ?? [];
    return { name, type: typeOfText(type) };
  });
  return { kind: 'struct', fields };
}

/** Divides at the commas that no bracket surrounds. */
function partsOf(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const each of text) {
    if (each === '(') depth++;
    if (each === ')') depth--;
    if (each === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += each;
  }
  return parts.map((part) => part.trim());
}
