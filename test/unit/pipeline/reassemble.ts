import { NULL_TEXT } from '../../../src/pipeline/csv.ts';
import type { Key } from '../../../src/pipeline/key.ts';
import { type Form, fieldsOf } from '../../../src/pipeline/layout.ts';
import { memberPath, type Path, ROOT, stepsOf } from '../../../src/pipeline/path.ts';
import type { Written } from './part-files.ts';
import { readCsv } from './read-csv.ts';

/**
 * A document without what the tables do not tell apart: scalars are texts whatever their kind, sets are lists in
 * their fixed order, and NULL and empty maps are not there (null as a list's member).
 */
export type Plain = string | null | Plain[] | Map<string, Plain>;

interface Row {
  readonly key: readonly (string | null)[];
  readonly positions: readonly number[];
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
      rows.push({ key: of('key'), positions: of('position').map(Number), cells });
    }
  }

  function valueIn(table: Path, row: Row): Plain {
    let whole: Plain = null;
    for (const { path, form, text } of row.cells) {
      const value =
        form === 'count' ? listAt(path, row, Number(text)) : form === 'bytes' ? textOfHex(text) : text;
      const names = stepsOf(path.slice(table.length)).map((step) => (step === 'member' ? '[]' : step.name));
      const last = names.pop();
      if (last === undefined) {
        if (whole !== null) throw new Error(`two values at ${path}`);
        whole = value;
        continue;
      }
      whole ??= new Map();
      let map = whole as Map<string, Plain>;
      for (const name of names) {
        if (!map.has(name)) map.set(name, new Map());
        map = map.get(name) as Map<string, Plain>;
      }
      if (map.has(last)) throw new Error(`two values at ${path}`);
      map.set(last, value);
    }
    return whole;
  }

  function listAt(list: Path, parent: Row, length: number): Plain {
    const table = memberPath(list);
    const members = (tables.get(table) ?? [])
      .filter((row) => isBelow(row, parent))
      .sort((a, b) => (a.positions.at(-1) ?? 0) - (b.positions.at(-1) ?? 0));
    const positions = members.map((row) => row.positions.at(-1));
    if (positions.length !== length || positions.some((position, i) => position !== i)) {
      throw new Error(`${list}: ${length} members counted, rows have positions ${positions.join(' ')}`);
    }
    return members.map((row) => valueIn(table, row));
  }

  const items = (tables.get(ROOT) ?? []).map((row): [string, Plain] => {
    const item = (valueIn(ROOT, row) ?? new Map()) as Map<string, Plain>;
    for (const [i, { name }] of key.entries()) item.set(name, row.key[i] ?? null);
    return [JSON.stringify(row.key), item];
  });
  return new Map(items);
}

function isBelow(row: Row, parent: Row): boolean {
  return (
    row.key.every((text, i) => text === parent.key[i]) &&
    row.positions.length === parent.positions.length + 1 &&
    parent.positions.every((position, i) => position === row.positions[i])
  );
}

const textOfHex = (hex: string) => Buffer.from(hex, 'hex').toString('utf8');
