import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Layout } from '../../../../src/pipeline/columns/layout.ts';
import { finalLayouts, nextLayouts, sampleLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { emptySeen, mergeSeen } from '../../../../src/pipeline/seen/seen.ts';
import { seenOf, write } from '../load/part-files.ts';
import { HOSTILE_KEY, hostileItems } from '../mapping/hostile-items.ts';

const key = [{ name: 'id', kind: 'N' as const }];

/** `count` items, the first `having` of them with these attributes in addition to the key. */
function items(count: number, having: number, attributes: Item): Item[] {
  return Array.from({ length: count }, (_, i) => ({
    id: { N: String(i) },
    ...(i < having ? attributes : {}),
  }));
}

/** `table: path form, …`, one line per layout. */
const shown = (layouts: readonly Layout[]) =>
  layouts.map((l) => [l.table || 'root', ...l.columns.map((c) => `${c.path} ${c.form}`)].join(' | '));

const list: Item = { list: { L: [{ S: 'x' }, { M: { a: { N: '1' } } }] } };

describe('the final layouts', () => {
  test('have everything seen except the key, the root first, then by path', () => {
    const odd = [
      ...items(1000, 1, list),
      { id: { N: '-1' }, b: { S: '\0' }, a: { NULL: true as const }, m: { M: {} } },
    ];
    expect(shown(finalLayouts(seenOf(odd, key), key))).toEqual([
      'root | b bytes | list count',
      'list[] | list[] scalar | list[].a scalar',
    ]);
  });

  test('of an empty table are a root table with its key', () => {
    expect(shown(finalLayouts(emptySeen(), key))).toEqual(['root']);
  });

  test('have a table for a list of only empty maps, none for a list that is always empty', () => {
    const both: Item = { id: { N: '1' }, maps: { L: [{ M: {} }] }, none: { L: [] } };
    expect(shown(finalLayouts(seenOf([both], key), key))).toEqual([
      'root | maps count | none count',
      'maps[]',
    ]);
  });

  test('fit every item', () => {
    fc.assert(
      fc.property(hostileItems, (all) => {
        const layouts = finalLayouts(seenOf(all, HOSTILE_KEY), HOSTILE_KEY);
        expect(write(all, HOSTILE_KEY, layouts).odd).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the layouts of a sample', () => {
  test('have what one row in a hundred had', () => {
    const sample = [...items(200, 2, { often: { S: '' } }), ...items(1, 1, { rare: { S: '' } })];
    expect(shown(sampleLayouts(seenOf(sample, key), key))).toEqual(['root']);
    expect(shown(sampleLayouts(seenOf(sample.slice(1), key), key))).toEqual(['root']);
    expect(shown(sampleLayouts(seenOf(items(200, 2, { often: { S: '' } }), key), key))).toEqual([
      'root | often scalar',
    ]);
  });

  test('have the table of a list together with its length', () => {
    expect(shown(sampleLayouts(seenOf(items(100, 1, list), key), key))).toEqual([
      'root | list count',
      'list[] | list[] scalar | list[].a scalar',
    ]);
    expect(shown(sampleLayouts(seenOf(items(101, 1, list), key), key))).toEqual(['root']);
  });
});

describe('the next layouts', () => {
  const root: Layout[] = [{ table: '', columns: [] }];

  test('take a column that one row in a hundred had, and at least five', () => {
    const grown = (count: number, having: number) =>
      shown(nextLayouts(root, seenOf(items(count, having, { a: { S: 'x' } }), key), key));
    expect(grown(10, 4)).toEqual(['root']);
    expect(grown(10, 5)).toEqual(['root | a scalar']);
    expect(grown(500, 5)).toEqual(['root | a scalar']);
    expect(grown(501, 5)).toEqual(['root']);
  });

  test('take the table of a list together with its length, its columns by its own rows', () => {
    const mixed = [...items(100, 90, { list: { L: [{ S: 'x' }] } }), ...items(4, 4, list)];
    expect(shown(nextLayouts(root, seenOf(mixed, key), key))).toEqual([
      'root | list count',
      'list[] | list[] scalar',
    ]);
  });

  test('keep every column, however rare it has become', () => {
    const before = nextLayouts(root, seenOf(items(5, 5, list), key), key);
    expect(nextLayouts(before, seenOf(items(10_000, 0, {}), key), key)).toBe(before);
    const after = nextLayouts(before, seenOf(items(10_000, 5000, { b: { BOOL: true } }), key), key);
    expect(shown(after)).toEqual([
      'root | b scalar | list count',
      'list[] | list[] scalar | list[].a scalar',
    ]);
  });

  test('are the same object if nothing joins, so that a writer notices', () => {
    expect(nextLayouts(root, seenOf(items(10, 0, {}), key), key)).toBe(root);
  });

  test('never take the key, and take a root table if there was none', () => {
    expect(shown(nextLayouts([], seenOf(items(10, 0, {}), key), key))).toEqual(['root']);
  });

  test('do not depend on the order of items', () => {
    fc.assert(
      fc.property(fc.array(hostileItems, { minLength: 5, maxLength: 8 }), (many) => {
        const parts = many.map((all) => seenOf(all, HOSTILE_KEY));
        const forth = nextLayouts([], parts.reduce(mergeSeen), HOSTILE_KEY);
        expect(nextLayouts([], parts.toReversed().reduce(mergeSeen), HOSTILE_KEY)).toEqual(forth);
      }),
      { numRuns: 50 },
    );
  });

  test('stay few though rare attributes keep coming', () => {
    let layouts: readonly Layout[] = root;
    let seen = emptySeen();
    const made = new Set<readonly Layout[]>();
    for (let cut = 0; cut < 50; cut++) {
      const rare = items(1, 1, { [`rare${cut % 60}`]: { S: 'x' } });
      seen = mergeSeen(seen, seenOf([...items(400, 400, { common: { S: 'x' } }), ...rare], key));
      layouts = nextLayouts(layouts, seen, key);
      made.add(layouts);
    }
    expect(made.size).toBe(1);
  });
});
