import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { suggestionYaml } from '../../../../../src/cli/schema/suggest-schema.ts';
import type { AttributeValue, Item } from '../../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import {
  asRowsSetting,
  dictionaryHint,
  type LikelyDictionary,
  likelyDictionaries,
  mapsOfMostTables,
  mergeDictionaries,
  withoutInnerNames,
} from '../../../../../src/pipeline/mapping/suggest/likely-dictionaries.ts';
import { emptySeen, mergeSeen } from '../../../../../src/pipeline/seen/seen.ts';
import { boundedSeen } from '../../../../../src/pipeline/seen/seen-bounds.ts';
import { seenOf } from '../../load/part-files.ts';
import { HOSTILE_KEY, hostileItems } from '../hostile-items.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const some = (count: number, attributes: (i: number) => Item): Item[] =>
  Array.from({ length: count }, (_, i) => ({ id: { S: `i${i}` }, ...attributes(i) }));
const map = (names: readonly string[], value: (name: string) => AttributeValue): AttributeValue => ({
  M: Object.fromEntries(names.map((name) => [name, value(name)])),
});
const numbered = (count: number, from = 0, name = 'n') =>
  Array.from({ length: count }, (_, i) => `${name}${from + i}`);
const found = (items: readonly Item[], mapping: object = {}) =>
  likelyDictionaries(seenOf(items, key, Mapping.parse(mapping)), { isSample: false });

const S: AttributeValue = { S: 'x' };
const roles: AttributeValue = { M: { roles: { L: [{ S: 'admin' }] } } };

describe('a map looks like a dictionary', () => {
  const members = some(100, (i) => ({ members: map(numbered(10, i * 10, 'user-'), () => roles) }));

  test('if each item has other names: of lists, each of which would be a table', () => {
    expect(found(members)).toEqual([{ path: 'members', names: 1000, tables: 1000 }]);
  });

  test('in a sample of its items as well', () => {
    expect(found(members.slice(0, 10))).toEqual([{ path: 'members', names: 100, tables: 100 }]);
  });

  test('if each item has other names: of scalars, each of which would be a column', () => {
    const items = some(60, (i) => ({ prices: map([`2026-01-${i}`, `2026-02-${i}`], () => ({ N: '1' })) }));
    expect(found(items)).toEqual([{ path: 'prices', names: 120, tables: 0 }]);
  });

  test('if few names are common and most are rare', () => {
    const items = some(1000, (i) => ({
      sold: map(['DE', 'FR', ...(i % 20 === 0 ? [`X${(i / 20) % 60}`] : [])], () => ({ N: '1' })),
      ...(i < 20 ? { more: map(numbered(3, i * 3), () => S) } : {}),
    }));
    expect(found(items).map(({ path }) => path)).toEqual(['more', 'sold']);
  });

  test('if it has 500 names or more, even if every item has all of them', () => {
    expect(found(some(3, () => ({ all: map(numbered(500), () => S) })))).toMatchObject([{ names: 500 }]);
  });

  test('in an entity, a list, and below another dictionary with asRows', () => {
    const items = some(60, (i) => ({
      kind: S,
      list: { L: [{ M: { by: map(numbered(2, i * 2), () => S) } }] },
      days: map(['a', 'b'], (name) => map([`${name}${i}`], () => S)),
    }));
    const mapping = {
      entities: { things: { attribute: 'kind', equals: 'x' } },
      columns: { '[things].days': { asRows: true } },
    };
    expect(found(items, mapping).map(({ path }) => path)).toEqual([
      '[things].days[key]',
      '[things].list[].by',
    ]);
  });

  test('only the outermost is named', () => {
    const items = some(60, (i) => ({
      users: map([`u${i}`], () => ({ M: { days: map(numbered(60, i * 60), () => roles) } })),
    }));
    expect(found(items)).toEqual([{ path: 'users', names: 60, tables: 3600 }]);
  });
});

describe('a map does not look like a dictionary', () => {
  test('with fewer than 50 names', () => {
    expect(found(some(49, (i) => ({ few: map([`n${i}`], () => S) })))).toEqual([]);
  });

  test('if it is a structure of many attributes, common or not', () => {
    expect(found(some(100, () => ({ wide: map(numbered(80), () => S) })))).toEqual([]);
    const optional = some(200, (i) => ({
      wide: map(
        numbered(80).filter((_, n) => (i * n) % 3 > 0),
        () => S,
      ),
    }));
    expect(found(optional)).toEqual([]);
  });

  test('if it is a rare structure of many attributes', () => {
    expect(found(some(1000, (i) => (i % 20 === 0 ? { rare: map(numbered(80), () => S) } : {})))).toEqual([]);
  });

  test('if its values are of different kinds', () => {
    const kinds: AttributeValue[] = [S, { L: [S] }, roles];
    expect(found(some(100, (i) => ({ mixed: map([`n${i}`], () => kinds[i % 3]!) })))).toEqual([]);
  });

  test('if it is the item itself, whose attributes cannot become rows', () => {
    expect(found(some(100, (i) => ({ [`a${i}`]: S })))).toEqual([]);
  });

  test('if the mapping keeps it whole, leaves it out, or makes rows of it', () => {
    const items = some(100, (i) => ({ a: map([`n${i}`], () => S) }));
    for (const setting of ['asSuper', 'ignore', 'asRows']) {
      expect(found(items, { columns: { a: { [setting]: true } } })).toEqual([]);
    }
  });

  test('in small items of any kind', () => {
    fc.assert(
      fc.property(hostileItems, (items) => {
        expect(likelyDictionaries(seenOf(items, HOSTILE_KEY), { isSample: false })).toEqual([]);
      }),
    );
  });
});

describe('a hint', () => {
  const hint = [
    { path: 'members', names: 1000, tables: 1000 },
    { path: 'a%2Eb[].by "day"', names: 60, tables: 0 },
  ];

  test('names the maps, and the setting as YAML that the configuration accepts', () => {
    expect(dictionaryHint(hint.slice(0, 1))).toBe(
      'members (1000 different names, 1000 tables) looks like a dictionary. To make its entries the rows of one table:',
    );
    expect(dictionaryHint([])).toBeUndefined();
    const paths = ['members', 'a%2Eb[].by day', '[things].days[key]'];
    const { mapping } = parse(asRowsSetting(paths.map((path) => ({ path })))) as { mapping: object };
    expect(Object.keys(Mapping.parse(mapping).columns)).toEqual(paths);
  });

  test('is part of what `schema suggest` prints, beside the entities it proposes', () => {
    const yaml = suggestionYaml('p', 10, [], hint.slice(0, 1));
    expect(Mapping.parse((parse(yaml) as { mapping: object }).mapping).columns).toEqual({
      members: { asRows: true },
    });
    const entities = [
      { name: 'rooms', route: { keyPrefix: 'ROOM#' }, items: 5 },
      { name: 'users', route: { keyPrefix: 'USER#' }, items: 5 },
    ];
    const both = suggestionYaml(
      'p',
      10,
      [{ by: 'the key', entities, others: 0 }],
      [{ path: '[rooms].members', names: 60, tables: 0 }],
    );
    expect(Mapping.parse((parse(both) as { mapping: object }).mapping)).toMatchObject({
      columns: { '[rooms].members': { asRows: true } },
      entities: { rooms: { keyPrefix: 'ROOM#' } },
    });
  });

  test('of a sample are a lower bound, as are those of a table whose paths are not all listed', () => {
    const items = some(100, (i) => ({ members: map(numbered(10, i * 10, 'user-'), () => S) }));
    const seen = seenOf(items, key);
    const atLeast = (names: number) => [{ path: 'members', names, tables: 0, atLeast: true }];
    expect(likelyDictionaries(seen, { isSample: true })).toEqual(atLeast(1000));
    expect(likelyDictionaries(boundedSeen(seen, 901), { isSample: false })).toEqual(atLeast(900));
    expect(dictionaryHint(atLeast(900) as LikelyDictionary[])).toContain('(at least 900 different names)');
  });

  test('of a sample are exact once all items were seen to have no more', () => {
    const sample = { path: 'members', names: 50, tables: 0, atLeast: true } as const;
    const all = (names: number) => ({ path: 'members', names, tables: 0 });
    expect(mergeDictionaries([all(60)], [sample])).toEqual([all(60)]);
    expect(mergeDictionaries([sample], [all(50)])).toEqual([all(50)]);
    expect(mergeDictionaries([all(40)], [sample])).toEqual([sample]);
  });

  test('of a sample and of a run are one hint', () => {
    expect(
      mergeDictionaries(
        [{ path: 'members', names: 20, tables: 40 }],
        [
          { path: 'members', names: 50, tables: 10 },
          { path: 'members.x', names: 50, tables: 10 },
        ],
      ),
    ).toEqual([{ path: 'members', names: 50, tables: 40 }]);
  });

  test('if nothing looks like a dictionary names the maps of most tables', () => {
    const items = some(1, () => ({ a: map(numbered(9), () => roles), b: map(numbered(3), () => roles) }));
    expect(mapsOfMostTables(seenOf(items, key))).toEqual([
      { path: 'a', names: 9, tables: 9 },
      { path: 'b', names: 3, tables: 3 },
    ]);
    expect(
      mapsOfMostTables(
        mergeSeen(
          emptySeen(),
          seenOf(
            some(1, () => ({ a: S })),
            key,
          ),
        ),
      ),
    ).toEqual([]);
  });
});

test('without the names of data, a dictionary is named by the attribute it is in', () => {
  const nested = [
    { path: 'plain', names: 700, tables: 0 },
    { path: 'users.ann@example%2Ecom.orders', names: 60, tables: 3 },
    { path: 'users.bob@example%2Ecom.orders', names: 70, tables: 2 },
    { path: '[people].team[].by', names: 80, tables: 0 },
  ];
  const shown = withoutInnerNames(nested);
  expect(shown).toEqual([
    { path: 'users', names: 70, tables: 3, inside: true },
    { path: 'plain', names: 700, tables: 0 },
    { path: '[people].team', names: 80, tables: 0, inside: true },
  ]);
  const text = `${dictionaryHint(shown)} ${asRowsSetting(shown)}`;
  expect(text).toContain('a map inside users (70 different names, 3 tables)');
  expect(text).toContain('"users.<name>": { asRows: true }');
  expect(text).not.toMatch(/ann|bob/);
  expect(withoutInnerNames(mergeDictionaries(shown, shown))).toEqual(shown);
});
