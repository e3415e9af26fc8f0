import { describe, expect, test } from '@jest/globals';
import type { Layout } from '../../../../src/pipeline/columns/layout.ts';
import { columnsByTable, nextLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import { sealLayouts } from '../../../../src/pipeline/columns/seal-layouts.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Path } from '../../../../src/pipeline/item/path.ts';
import { proveCounts } from '../../../../src/pipeline/run/seal/proof.ts';
import { emptySeen, mergeSeen, withoutColumns, withoutCounts } from '../../../../src/pipeline/seen/seen.ts';
import { boundedSeen, MAX_PATHS } from '../../../../src/pipeline/seen/seen-bounds.ts';
import { seenOf, type Written, write } from '../load/part-files.ts';
import { plainMap } from './plain.ts';
import { reassemble } from './reassemble.ts';

const key = [{ name: 'id', kind: 'S' as const }];

/** One value of each shape. */
const SHAPES: readonly ((i: number) => AttributeValue)[] = [
  (i) => ({ N: `${i}` }),
  (i) => ({ S: `text ${i}` }),
  () => ({ L: [{ S: 'x' }, { M: { m: { BOOL: true } } }] }),
  (i) => ({ M: { inner: { N: `${i}` }, set: { SS: ['a', 'b'] } } }),
  (i) => ({ S: i % 3 === 0 ? '\u0001' : 'other' }),
  () => ({ L: [] }),
];

/** Items whose dictionary has other names each, and an attribute that becomes common. */
function items(segment: number, count: number, namesPerItem: number): Item[] {
  return Array.from({ length: count }, (_, n) => ({
    id: { S: `${segment}-${n}` },
    usual: { N: `${n}` },
    tags: { L: n % 2 === 0 ? [] : [{ M: { [`tag${n % 7}`]: { S: 'x' } } }] },
    ...(n > count / 2 ? { later: { S: 'y' }, list: { L: [{ S: `${n}` }] } } : {}),
    names: {
      M: Object.fromEntries(
        Array.from({ length: namesPerItem }, (_, i) => {
          const number = (segment * count + n) * namesPerItem + i;
          return [`name${number}`, (SHAPES[number % SHAPES.length] as (typeof SHAPES)[number])(number)];
        }),
      ),
    },
  }));
}

/** Extracts each segment in cuts, then seals all of them, as a run does. */
function run(segments: readonly (readonly Item[])[], itemsPerCut: number, planned: readonly Layout[]) {
  const cuts: Written[] = [];
  let all = emptySeen();
  let written = emptySeen();
  for (const segment of segments) {
    let layouts = planned;
    let seen = emptySeen();
    for (let at = 0; at < segment.length; at += itemsPerCut) {
      const cut = write(segment.slice(at, at + itemsPerCut), key, layouts);
      cuts.push(cut);
      seen = boundedSeen(mergeSeen(seen, cut.seen));
      written = mergeSeen(written, withoutCounts(cut.seen, cut.oddSeen));
      layouts = nextLayouts(layouts, seen, key);
    }
    all = boundedSeen(mergeSeen(all, seen));
  }
  const used = cuts.flatMap(({ files }) => files.filter(({ rows }) => rows > 0).map(({ layout }) => layout));
  const held = columnsByTable([...planned, ...used]);
  const { layouts, past } = sealLayouts(all, key, { held }, planned);
  const odd = write(
    cuts.flatMap((cut) => cut.odd),
    key,
    layouts,
  );
  const files = [...cuts.flatMap((cut) => cut.files), ...odd.files];
  const rowsInFiles = new Map<Path, number>();
  for (const { layout, rows } of files) {
    rowsInFiles.set(layout.table, (rowsInFiles.get(layout.table) ?? 0) + rows);
  }
  const seen = mergeSeen(withoutColumns(written, past), odd.seen);
  return { all, odd, files, seen, rowsInFiles };
}

describe('a dictionary with more names than are listed', () => {
  const planned: Layout[] = [
    {
      table: '',
      columns: [
        { path: 'tags', form: 'count' },
        { path: 'usual', form: 'scalar' },
      ],
    },
    { table: 'tags[]', columns: [] },
  ];

  test.each([
    ['in each cut', 2, 2, 6000],
    ['only in all cuts together', 2, 4, 1600],
  ])('is written exactly, %s', (_, itemsPerCut, perSegment, namesPerItem) => {
    const segments = [0, 1].map((segment) => items(segment, perSegment, namesPerItem));
    const { all, odd, files, seen, rowsInFiles } = run(segments, itemsPerCut, planned);
    expect(all.tables['']?.summarised).toBe(true);
    expect(Object.keys(all.tables['']?.scalars ?? {}).length).toBeLessThanOrEqual(MAX_PATHS);
    expect([odd.odd, odd.rejected]).toEqual([[], []]);
    const everything = segments.flat();
    const expected = new Map(
      everything.map((item) => [JSON.stringify([Object.values(item.id ?? {})[0]]), plainMap(item)]),
    );
    expect(reassemble(files, key)).toEqual(expected);
    proveCounts({ items: everything.length, odd: 0, rejected: 0, seen, rowsInFiles }, 'the run');
    // No path is both in a column and in the rest.
    const inRest = new Set(odd.files.flatMap(({ text }) => pathsInRest(text)));
    const columns = new Set(files.flatMap(({ layout }) => layout.columns.map(({ path }) => path)));
    expect([...inRest].filter((path) => columns.has(path as string))).toEqual([]);
    expect(inRest.size).toBeGreaterThan(1000);
  });
});

/** The paths in `_rest`, which is JSON, or the hexadecimal of JSON. */
function pathsInRest(text: string): Path[] {
  const json = text
    .replaceAll('""', '"')
    .replace(/[0-9a-f]{1000,}/g, (hex) => Buffer.from(hex, 'hex').toString());
  return [...json.matchAll(/"(names\.[^"]+)":/g)].map(([, path]) => path as Path);
}

test('what is listed depends on the counts alone, and the commonest paths are kept', () => {
  const a = seenOf([{ id: { S: 'a' }, x: { S: '' }, y: { L: [{ S: '' }] }, z: { N: '1' } }], key);
  const b = seenOf([{ id: { S: 'b' }, z: { N: '1' } }], key);
  const bounded = boundedSeen(mergeSeen(a, b), 2);
  expect(bounded).toEqual(boundedSeen(mergeSeen(b, a), 2));
  expect(bounded.tables).toEqual({
    '': {
      rows: 2,
      scalars: { id: expect.anything(), z: expect.anything() },
      bytes: {},
      counts: {},
      summarised: true,
    },
  });
  expect(boundedSeen(a, 4)).toBe(a);
});

test('counts without those of some items are those of the others', () => {
  const first: Item[] = [{ id: { S: 'a' }, x: { S: 'abc' }, y: { L: [{ S: 'm' }] } }];
  const second: Item[] = [{ id: { S: 'b' }, x: { S: 'ab' }, z: { S: '\u0001' } }];
  const both = mergeSeen(seenOf(first, key), seenOf(second, key));
  expect(withoutCounts(both, seenOf(second, key))).toEqual(seenOf(first, key));
  expect(withoutCounts(both, both)).toEqual(emptySeen());
});
