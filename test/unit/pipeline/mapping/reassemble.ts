import { type Form, fieldsOf } from '../../../../src/pipeline/columns/layout.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import {
  aspectPath,
  entryPath,
  isRoot,
  memberPath,
  type Path,
  ROOT,
  stepsBelow,
  withoutAspect,
} from '../../../../src/pipeline/item/path.ts';
import type { Written } from '../load/part-files.ts';
import { type Plain, plain, plainBytes, plainJson, plainText } from './plain.ts';
import { readCsv } from './read-csv.ts';

/** A row of a table, wherever it was read, without its NULLs. */
export interface Row {
  readonly key: readonly (string | null)[];
  readonly positions: readonly string[];
  readonly cells: readonly { readonly path: Path; readonly form: Form; readonly text: string }[];
}

/** The items, key by key, put together again from the text of part files alone. */
export function reassemble(files: Written['files'], key: Key): Map<string, Plain> {
  const tables = new Map<Path, Row[]>();
  for (const { layout, text } of files) {
    const fields = fieldsOf(layout, key);
    const rows = tables.get(layout.table) ?? [];
    tables.set(layout.table, rows);
    for (const record of readCsv(text, NULL_TEXT)) {
      if (record.length !== fields.length) throw new Error(`${record.length} fields, not ${fields.length}`);
      const of = (role: string) => record.filter((_, i) => fields[i]?.role === role);
      const cells = fields.flatMap((field, i) => {
        const cell = record[i] ?? null;
        return field.role === 'value' && cell !== null
          ? [{ path: field.path, form: field.form, text: cell }]
          : [];
      });
      rows.push({ key: of('key'), positions: of('position').map(String), cells });
    }
  }
  return itemsOf(tables, key);
}

/** The items, key by key, put together again from the rows of their tables. */
export function itemsOf(tables: ReadonlyMap<Path, readonly Row[]>, key: Key): Map<string, Plain> {
  const children = new Map<string, Row[]>();
  for (const [table, rows] of tables) {
    for (const row of rows) {
      const parent = address(table, row.key, row.positions.slice(0, -1));
      const siblings = children.get(parent) ?? [];
      children.set(parent, siblings);
      siblings.push(row);
    }
  }

  function valueIn(table: Path, row: Row): Plain {
    let whole: Plain = null;
    const put = (names: readonly string[], value: Plain) => {
      const last = names.at(-1);
      if (last === undefined) {
        if (whole !== null) throw new Error(`two values of a row of ${table}`);
        whole = value;
        return;
      }
      whole ??= new Map();
      let map = whole as Map<string, Plain>;
      for (const name of names.slice(0, -1)) {
        if (!map.has(name)) map.set(name, new Map());
        map = map.get(name) as Map<string, Plain>;
      }
      if (map.has(last)) throw new Error(`two values at ${names.join(' > ')} in a row of ${table}`);
      map.set(last, value);
    };
    for (const cell of row.cells) {
      if (cell.path === aspectPath(table, 'rest')) {
        for (const [path, value] of restOf(cell.form, cell.text)) {
          if (value !== undefined) put(namesIn(ROOT, path), value);
        }
      } else {
        const value = cellValue(cell, row);
        if (value !== undefined) put(namesIn(table, withoutAspect(cell.path)), value);
      }
    }
    return whole;
  }

  function cellValue({ path, form, text }: Row['cells'][number], row: Row): Plain | undefined {
    if (form === 'count') return membersAt(path, row, Number(text));
    if (path.endsWith('%super')) {
      return form === 'scalar' ? plainJson(JSON.parse(text)) : plain(JSON.parse(textOfHex(text)));
    }
    return form === 'bytes' ? plainBytes(Buffer.from(text, 'hex')) : plainText(text);
  }

  function membersAt(list: Path, parent: Row, length: number): Plain | undefined {
    const below = (table: Path) => children.get(address(table, parent.key, parent.positions)) ?? [];
    const entries = below(entryPath(list));
    if (entries.length > 0) {
      if (entries.length !== length) throw new Error(`${list}: ${entries.length} entries, not ${length}`);
      const values = entries.map((row): [string, Plain] => [
        row.positions.at(-1) ?? '',
        valueIn(entryPath(list), row),
      ]);
      const told = values.filter(([, value]) => value !== null);
      return told.length === 0 ? undefined : new Map(told);
    }
    const table = memberPath(list);
    const members = below(table).toSorted((a, b) => Number(a.positions.at(-1)) - Number(b.positions.at(-1)));
    const positions = members.map((row) => Number(row.positions.at(-1)));
    if (positions.length !== length || positions.some((position, i) => position !== i)) {
      throw new Error(`${list}: ${length} members counted, rows have positions ${positions.join(' ')}`);
    }
    return members.map((row) => valueIn(table, row));
  }

  const items = new Map<string, Plain>();
  for (const [root, rows] of tables) {
    if (!isRoot(root)) continue;
    for (const row of rows) {
      const item = (valueIn(root, row) ?? new Map()) as Map<string, Plain>;
      for (const [i, { name }] of key.entries()) item.set(name, row.key[i] ?? null);
      if (items.has(JSON.stringify(row.key))) throw new Error(`two items with the key ${row.key.join(', ')}`);
      items.set(JSON.stringify(row.key), item);
    }
  }
  return items;
}

/** What the rest of a row says, by path in the row. */
function restOf(form: Form, text: string): [Path, Plain | undefined][] {
  if (form === 'scalar')
    return Object.entries(JSON.parse(text)).map(([path, json]) => [path, plainJson(json)]);
  const { M } = JSON.parse(textOfHex(text)) as { M: Item };
  return Object.entries(M).map(([path, value]) => [path, plain(value)]);
}

function namesIn(table: Path, path: Path): string[] {
  return stepsBelow(table, path).map((step) => {
    if (typeof step === 'object' && 'name' in step) return step.name;
    throw new Error(`${path} is not in a row of ${table}`);
  });
}

const address = (table: Path, key: Row['key'], positions: readonly string[]) =>
  JSON.stringify([table, key, positions]);

const textOfHex = (hex: string) => Buffer.from(hex, 'hex').toString('utf8');
