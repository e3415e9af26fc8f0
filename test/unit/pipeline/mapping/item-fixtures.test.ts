import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { positionNames } from '../../../../src/pipeline/columns/column-names.ts';
import { type Field, fieldsOf } from '../../../../src/pipeline/columns/layout.ts';
import { finalLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import type { Path } from '../../../../src/pipeline/item/path.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { seenOf, write } from '../load/part-files.ts';
import { readCsv } from './read-csv.ts';

/**
 * The mapping by example: `<name>.item.json` is an item as DynamoDB sends it; `<name>.expected.json` is the result.
 * The result is either rows by table path, each with its non-NULL cells by path (and form, if that is not scalar), or
 * the reason why the item is set aside. By default the key is `id`, a string, and there is no mapping.
 */
interface Expected {
  readonly key?: Key;
  readonly mapping?: unknown;
  readonly tables?: Record<string, Record<string, string>[]>;
  readonly rejected?: string;
  readonly path?: string;
}

const directory = new URL('../../../fixtures/items/', import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, directory), 'utf8'));
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.item.json'))
  .map((file) => file.slice(0, -'.item.json'.length));

function columnName(field: Field, table: Path): string {
  if (field.role === 'key') return field.path;
  if (field.role === 'position') return positionNames(table)[field.level] as string;
  return field.form === 'scalar' ? field.path : `${field.path} (${field.form})`;
}

/** The result for an item, in the form of `expected.json`. */
function outcome(item: Item, key: Key, mapping: Mapping): Omit<Expected, 'key' | 'mapping'> {
  const layouts = finalLayouts(seenOf([item], key, mapping), key);
  const { files, rejected } = write([item], key, layouts, mapping);
  const [aside] = rejected;
  if (aside !== undefined) return { rejected: aside.reason, path: aside.path };
  const tables = files.map(({ layout, text }) => {
    const columns = fieldsOf(layout, key).map((field) => columnName(field, layout.table));
    const rows = readCsv(text, NULL_TEXT).map((row) =>
      Object.fromEntries(row.map((cell, i) => [columns[i], cell]).filter(([, cell]) => cell !== null)),
    );
    return [layout.table, rows];
  });
  return { tables: Object.fromEntries(tables) };
}

describe('an item becomes the rows that its fixture says', () => {
  test.each(names)('%s', (name) => {
    const {
      key = [{ name: 'id', kind: 'S' }],
      mapping,
      ...expected
    }: Expected = read(`${name}.expected.json`);
    expect(outcome(read(`${name}.item.json`), key, Mapping.parse(mapping ?? {}))).toEqual(expected);
  });
});
