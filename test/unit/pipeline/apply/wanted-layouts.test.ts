import { describe, expect, test } from '@jest/globals';
import { MAX_COLUMNS_PER_DAY, wantedLayouts } from '../../../../src/pipeline/apply/wanted-layouts.ts';
import type { Layout } from '../../../../src/pipeline/columns/layout.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';

const KEY: Key = [{ name: 'id', kind: 'S' }];
const ROOT: Layout = { table: '', columns: [{ path: 'n', form: 'scalar' }] };
const WITH_LIST: Layout[] = [
  { table: '', columns: [{ path: 'l', form: 'count' }, ...ROOT.columns] },
  { table: 'l[]', columns: [{ path: 'l[]', form: 'scalar' }] },
];

const item = (more: Item): Item => ({ id: { S: 'a' }, n: { N: '1' }, ...more });
const texts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { S: 'x' }]));
const names = (n: number, prefix = 'x') => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

/** The layouts after these items, and whether they hold all of them. */
function grown(inUse: readonly Layout[], items: readonly Item[], { added = 0, maxTables = 100 } = {}) {
  const looks = createShredder({ key: KEY, layouts: inUse });
  for (const each of items) looks.shred(each);
  const layouts = wantedLayouts(inUse, looks.takeSeen(), KEY, { addedToday: () => added, maxTables });
  const fits = createShredder({ key: KEY, layouts });
  expect(items.map((each) => fits.shred(each).kind)).toEqual(items.map(() => 'rows'));
  return Object.fromEntries(
    layouts.map(({ table, columns }) => [table, columns.map(({ path, form }) => `${path} ${form}`)]),
  );
}

describe('the layouts for images that the tables lack columns for', () => {
  test('a new attribute gets a column, a new list a column and a table', () => {
    const list: AttributeValue = { L: [{ S: 'a' }, { M: { sku: { S: 'b' } } }] };
    expect(grown([ROOT], [item({ a: { BOOL: true }, l: list })])).toEqual({
      '': ['a scalar', 'l count', 'n scalar'],
      'l[]': ['l[] scalar', 'l[].sku scalar'],
    });
  });

  test('what the tables have is left as it is', () => {
    expect(grown(WITH_LIST, [item({ l: { L: [{ S: 'a' }] } })])).toEqual({
      '': ['l count', 'n scalar'],
      'l[]': ['l[] scalar'],
    });
  });

  test('a list that was always empty gets its table with its first member', () => {
    const empty: Layout[] = [{ table: '', columns: [{ path: 'l', form: 'count' }] }];
    expect(grown(empty, [item({ l: { L: [{ N: '1' }] } })])['l[]']).toEqual(['l[] scalar']);
  });

  test('a table gets 20 columns a day, the commonest first, and keeps the rest together', () => {
    const many = texts(names(30));
    const layouts = grown([ROOT], [item(many), item({ x29: { S: 'y' } })]);
    expect(layouts['']).toHaveLength(1 + MAX_COLUMNS_PER_DAY + 2);
    expect(layouts['']).toEqual(expect.arrayContaining(['x29 scalar', '%rest scalar', '%rest bytes']));
    expect(grown([ROOT], [item(many)], { added: 20 })['']).toEqual([
      '%rest bytes',
      '%rest scalar',
      'n scalar',
    ]);
    expect(grown([ROOT], [item({ x: { S: '' } })], { added: 19 })['']).toEqual(['n scalar', 'x scalar']);
  });

  test('a table with _rest gets no column: the path may be there already', () => {
    const rest: Layout = {
      table: '',
      columns: [{ path: '%rest', form: 'bytes' }, { path: '%rest', form: 'scalar' }, ...ROOT.columns],
    };
    expect(grown([rest], [item({ a: { S: 'x' }, l: { L: [{ S: 'y' }] } })])).toEqual({
      '': ['%rest bytes', '%rest scalar', 'n scalar'],
    });
  });

  test('a table that is created gets all of its columns', () => {
    const layouts = grown([ROOT], [item({ l: { L: [{ M: texts(names(50)) }] } })]);
    expect(layouts['l[]']).toHaveLength(50);
    expect(layouts['']).toEqual(['l count', 'n scalar']);
  });

  test('beyond mapping.maxTables, lists stay whole in _rest', () => {
    const lists = Object.fromEntries(names(5, 'l').map((name) => [name, { L: [{ S: 'x' }] }]));
    expect(Object.keys(grown([ROOT], [item(lists)], { maxTables: 3 }))).toHaveLength(3);
  });

  test('a new column of a child table leaves the other tables alone', () => {
    const layouts = grown(WITH_LIST, [item({ l: { L: [{ M: { sku: { S: 'x' } } }] } })]);
    expect(layouts).toEqual({ '': ['l count', 'n scalar'], 'l[]': ['l[] scalar', 'l[].sku scalar'] });
  });
});
