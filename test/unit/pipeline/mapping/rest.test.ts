import { describe, expect, test } from '@jest/globals';
import { nameColumns } from '../../../../src/pipeline/columns/column-names.ts';
import { ColumnRoom, MAX_VALUE_COLUMNS } from '../../../../src/pipeline/columns/column-room.ts';
import type { Column, Layout } from '../../../../src/pipeline/columns/layout.ts';
import {
  columnsPastLimit,
  finalLayouts,
  sampleLayouts,
} from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { type Path, ROOT } from '../../../../src/pipeline/item/path.ts';
import { proveCounts } from '../../../../src/pipeline/run/seal/proof.ts';
import { mergeSeen, onlyRest, type Seen, withoutColumns } from '../../../../src/pipeline/seen/seen.ts';
import type { Naming } from '../../../../src/pipeline/sql/naming.ts';
import { seenOf, write } from '../load/part-files.ts';
import { plainMap } from './plain.ts';
import { reassemble } from './reassemble.ts';

const key = [{ name: 'id', kind: 'S' as const }];
const numbered = (n: number, value: (i: number) => AttributeValue): Item =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`a${String(i).padStart(4, '0')}`, value(i)]));

/** One with every attribute, lists and binary among them; others that have the first few. */
const wide: Item = {
  id: { S: 'wide' },
  ...numbered(3000, (i) =>
    i % 100 === 99
      ? { L: [{ S: 'x' }, { M: { m: { N: '1' } } }] }
      : i === 2500
        ? { B: 'AA==' }
        : { N: `${i}` },
  ),
};
const usual: Item[] = ['b', 'c'].map((id) => ({ id: { S: id }, ...numbered(5, (i) => ({ N: `${i}` })) }));
const items = [wide, ...usual];
const expected = new Map(
  items.map((item) => [JSON.stringify([Object.values(item.id ?? {})[0]]), plainMap(item)]),
);
const hasRest = (layouts: readonly Layout[]) =>
  layouts[0]?.columns.some(({ path }) => path === '%rest') ?? false;
const counted = (seen: Seen) => ({ items: 3, odd: 0, rejected: 0, seen });

describe('a row with more values than its table may have columns', () => {
  test('has the rest of them in one cell, if the sample showed it', () => {
    const layouts = sampleLayouts(seenOf(items, key), key);
    expect(hasRest(layouts)).toBe(true);
    expect(layouts[0]?.columns.length).toBeLessThanOrEqual(MAX_VALUE_COLUMNS + 2);
    const { files, odd, seen, rowsInFiles } = write(items, key, layouts);
    expect(odd).toEqual([]);
    expect(reassemble(files, key)).toEqual(expected);
    proveCounts({ ...counted(seen), rowsInFiles }, 'the segment');
    expect(seen.tables['']?.bytes['%rest']?.values).toBe(1);
  });

  test('has them there if only the seal saw it, and what was seen reflects that', () => {
    const before = sampleLayouts(seenOf(usual, key), key);
    const extracted = write(items, key, before);
    expect(extracted.odd).toEqual([wide]);
    const held = new Map<Path, readonly Column[]>(before.map(({ table, columns }) => [table, columns]));
    const past = columnsPastLimit(extracted.seen, key, { held });
    expect(past.tables).toEqual([ROOT]);
    const kept = withoutColumns(extracted.seen, past.columns);
    const layouts = finalLayouts(kept, key, past.tables);
    expect(hasRest(layouts)).toBe(true);
    const sealed = write(extracted.odd, key, layouts);
    expect([sealed.odd, sealed.rejected]).toEqual([[], []]);
    expect(reassemble([...extracted.files, ...sealed.files], key)).toEqual(expected);

    const rowsInFiles = new Map(extracted.rowsInFiles);
    for (const [table, rows] of sealed.rowsInFiles)
      rowsInFiles.set(table, (rowsInFiles.get(table) ?? 0) + rows);
    const seen = mergeSeen(kept, onlyRest(sealed.seen, past.tables));
    proveCounts({ ...counted(seen), rowsInFiles }, 'the run');
  });

  test('keeps columns that the warehouse already has, however rare they became', () => {
    const rare: Column = { path: 'a2999', form: 'scalar' };
    const past = columnsPastLimit(seenOf(items, key), key, { held: new Map([[ROOT, [rare]]]) });
    expect(past.columns).not.toContainEqual(rare);
    expect(past.columns.length).toBeGreaterThan(1400);
  });
});

describe('room for columns', () => {
  test('ends at 1,500 of them', () => {
    const room = new ColumnRoom(ROOT, { held: new Map() });
    const taken = Array.from({ length: 1600 }, (_, i) => room.take({ path: `c${i}`, form: 'scalar' }));
    expect(taken.filter(Boolean)).toHaveLength(MAX_VALUE_COLUMNS);
    expect(room.take({ path: 'c0', form: 'scalar' })).toBe(true);
  });

  test('is left for values that the mapping treats in a way of its own', () => {
    const room = new ColumnRoom(ROOT, { held: new Map(), mapped: new Set(['map']) });
    for (let i = 0; i < 1500; i++) room.take({ path: `c${i}`, form: 'scalar' });
    expect(room.take({ path: 'other', form: 'count' })).toBe(false);
    expect(room.take({ path: 'map', form: 'count' })).toBe(true);
    expect(room.take({ path: 'map.%super', form: 'scalar' })).toBe(true);
  });

  test('takes into account that names in snake_case are longer than their paths', () => {
    const held = new Map();
    const columns = Array.from(
      { length: 1600 },
      (_, i): Column => ({ path: `${'aB'.repeat(40)}${i}`, form: 'scalar' }),
    );
    const takenWith = (naming: Naming) => {
      const room = new ColumnRoom(ROOT, { held, naming });
      return columns.filter((column) => room.take(column));
    };
    const sqlBytes = (taken: readonly Column[]) =>
      nameColumns(ROOT, ['id'], taken, { naming: 'snake_case' })
        .values.map(({ name }) => `"${name}" VARBYTE(16777216), `)
        .join('').length;
    expect(sqlBytes(takenWith('snake_case'))).toBeLessThan(85_000);
    expect(sqlBytes(takenWith('lower'))).toBeGreaterThan(100 * 1024);
  });

  test('ends before their names make more SQL than the Data API accepts', () => {
    const room = new ColumnRoom(ROOT, { held: new Map() });
    const long = 'x'.repeat(200);
    const taken = Array.from({ length: 1600 }, (_, i) => room.take({ path: `${i}${long}`, form: 'scalar' }));
    expect(taken.filter(Boolean).length * (127 + 30)).toBeLessThan(100 * 1024);
  });
});
