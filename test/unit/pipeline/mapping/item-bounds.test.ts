import { describe, expect, test } from '@jest/globals';
import { finalLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import {
  MAX_ROW_BYTES,
  PATHS_TOO_LONG,
  ROW_TOO_LONG,
  ROWS_TOO_LONG,
} from '../../../../src/pipeline/mapping/item-bounds.ts';
import { NO_MAPPING } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { MAX_PATHS } from '../../../../src/pipeline/seen/seen-bounds.ts';
import { seenOf, write } from '../load/part-files.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const usual: Item = { id: { S: 'usual' }, v: { S: 'x' } };
const asSuper = { ...NO_MAPPING, columns: { v: { asSuper: true } } };

const booleans = (count: number): AttributeValue => ({
  M: Object.fromEntries(Array.from({ length: count }, (_, i) => [`b${i}`, { BOOL: true }])),
});
const members = (count: number): AttributeValue => ({
  L: Array.from({ length: count }, () => ({ NULL: true })),
});

describe('an item that costs too much is set aside with the reason, and leaves no trace', () => {
  test.each<[string, Item, string, string]>([
    [
      'many values below a long name',
      { id: { S: 'a' }, ['n'.repeat(60_000)]: booleans(50_000) },
      PATHS_TOO_LONG,
      'n',
    ],
    [
      'many members under a long key',
      { id: { S: 'k'.repeat(3000) }, v: members(200_000) },
      ROWS_TOO_LONG,
      'v',
    ],
  ])('%s', (_, item, reason, path) => {
    const layouts = finalLayouts(seenOf([usual], key), key);
    const all = write([usual, item, usual], key, layouts);
    expect(all.rejected).toEqual([{ item, reason, path: expect.stringMatching(new RegExp(`^${path}`)) }]);
    expect(all.files.map(({ text }) => text)).toEqual(['"usual","x"\n"usual","x"\n']);
    expect(all.seen).toEqual(seenOf([usual, usual], key));
  });

  test.each<[string, AttributeValue]>([
    ['395,000 control characters, kept whole', { S: '\u0001'.repeat(395_000) }],
    ['a map of control characters, kept whole', { M: { a: { S: '\u0001'.repeat(200_000) }, b: { B: '' } } }],
  ])('a row that COPY cannot read: %s', (_, value) => {
    const layouts = finalLayouts(seenOf([{ id: { S: 'a' }, v: value }, usual], key, asSuper), key);
    const twice = { ...usual, v: { L: [value, value] } };
    const { rejected, files } = write([twice, usual], key, layouts, asSuper);
    expect(rejected).toEqual([{ item: twice, reason: ROW_TOO_LONG, path: '' }]);
    expect(files[0]?.rows).toBe(1);
  });

  test('the rest of a row that COPY cannot read', () => {
    const long = { id: { S: 'a' }, ['n'.repeat(1000)]: booleans(5000) };
    const layouts = [{ table: '', columns: [{ path: '%rest', form: 'scalar' as const }] }];
    expect(write([long], key, layouts).rejected).toEqual([
      { item: long, reason: ROW_TOO_LONG, path: expect.stringMatching(/^n+\.b\d+$/) },
    ]);
  });

  test('nesting that overflows the stack', () => {
    const deep = Array.from({ length: 20_000 }).reduce<AttributeValue>((v) => ({ L: [v] }), { S: 'x' });
    const { rejected } = write([{ id: { S: 'a' }, v: deep }], key, [], asSuper);
    expect(rejected[0]?.reason).toBe('it is too large to encode: Maximum call stack size exceeded');
  });
});

describe('an item that is only large is written', () => {
  test.each<[string, AttributeValue]>([
    ['200,000 members under a short key', members(200_000)],
    ['395,000 control characters', { S: '\u0001'.repeat(395_000) }],
    ['50,000 booleans in a list of maps', { L: Array.from({ length: 1000 }, () => booleans(50)) }],
    ['a string of almost 4 MB in hexadecimal', { S: 'x'.repeat(MAX_ROW_BYTES / 2 - 100) }],
  ])('%s', (_, value) => {
    const item = { id: { S: 'a' }, v: value };
    const written = write([item], key, finalLayouts(seenOf([item], key), key));
    expect([written.odd, written.rejected]).toEqual([[], []]);
  });
});

describe('what is seen', () => {
  const item = (from: number): Item => ({
    id: { S: `${from}` },
    d: { M: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${from + i}`, { N: '1' }])) },
  });

  test('of 200,000 names in one cut is bounded, counts towards the cut, and says that it is not all', () => {
    const shredder = createShredder({ key, layouts: [] });
    for (let from = 0; from < 200_000; from += 5000) expect(shredder.shred(item(from)).kind).toBe('odd');
    expect(shredder.seenBytes).toBeGreaterThan(MAX_PATHS * 100);
    expect(shredder.seenBytes).toBeLessThan(16_000_000);
    const { seen, oddSeen } = shredder.takeCutSeen();
    expect(seen).toEqual(oddSeen);
    expect(seen.tables['']).toMatchObject({ rows: 40, summarised: true });
    expect(Object.keys(seen.tables['']?.scalars ?? {}).length).toBeLessThanOrEqual(MAX_PATHS);
    expect(shredder.seenBytes).toBe(0);
  });

  test('does not grow with tables below names that are not listed', () => {
    const lists = (from: number): Item => ({
      id: { S: `${from}` },
      d: { M: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${from + i}`, { SS: ['x'] }])) },
    });
    const shredder = createShredder({ key, layouts: [] });
    for (let from = 0; from < 100_000; from += 5000) shredder.shred(lists(from));
    expect(Object.keys(shredder.takeSeen().tables).length).toBeLessThanOrEqual(MAX_PATHS);
  });

  test('is all of it if the paths without a column have no value, or go to the rest', () => {
    const nulls: Item = {
      id: { S: 'a' },
      d: { M: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`${i}`, { NULL: true }])) },
    };
    const rest = [{ table: '', columns: [{ path: '%rest', form: 'scalar' as const }] }];
    expect(write([nulls], key, []).seen.tables['']?.summarised).toBeUndefined();
    expect(write([item(0), item(5000), item(10_000)], key, rest).seen.tables['']).toEqual({
      rows: 3,
      scalars: { id: expect.anything(), '%rest': expect.objectContaining({ values: 3 }) },
      bytes: {},
      counts: {},
    });
  });
});
