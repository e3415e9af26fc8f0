import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { itemSize } from '../../../bench/speed/item-size.ts';
import { itemOf, numberOf, SHAPES, type Shape, shapeNamed } from '../../../bench/speed/shapes.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';

const SEED = 1;
const made = new Map(
  SHAPES.map((shape) => {
    const items = shape.name === 'large' ? 10 : 500;
    return [shape, Array.from({ length: items }, (_, i) => itemOf(shape, SEED, i))];
  }),
);
const someOf = (shape: Shape): readonly Item[] => made.get(shape)!;
const jsonBytes = (item: Item) => Buffer.byteLength(JSON.stringify(item));

interface Counted {
  /** Paths outside of lists, and how many of them had a value. */
  readonly columns: ReadonlySet<string>;
  readonly filled: number;
  /** Paths of lists and sets, and their members, including those of lists in lists. */
  readonly lists: ReadonlySet<string>;
  readonly members: number;
  readonly nulls: number;
  readonly levels: number;
}

function count(items: readonly Item[]): Counted {
  const columns = new Set<string>();
  const lists = new Set<string>();
  const found = { filled: 0, members: 0, nulls: 0, levels: 0 };
  const walk = (map: Item, path: string, level: number, inList: boolean): void => {
    for (const [name, value] of Object.entries(map)) visit(value, `${path}${name}`, level, inList);
  };
  const visit = (value: AttributeValue, path: string, level: number, inList: boolean): void => {
    found.levels = Math.max(found.levels, level);
    if ('M' in value) {
      walk(value.M, `${path}.`, level + 1, inList);
      return;
    }
    const members = 'L' in value ? value.L : 'SS' in value ? value.SS : 'NS' in value ? value.NS : undefined;
    if (members !== undefined) {
      lists.add(path);
      found.members += members.length;
      if ('L' in value) for (const member of value.L) visit(member, `${path}[]`, level + 1, true);
    } else if (!inList) {
      columns.add(path);
      if ('NULL' in value) found.nulls++;
      else found.filled++;
    }
  };
  for (const item of items) walk(item, '', 1, false);
  return { columns, lists, ...found };
}

/** Figures of two versions can only be compared if both copied the same items. If these change, say so with the figures. */
test.each([
  ['single-table', '750b8f6b6ddf'],
  ['wide', '37ad0a8561a1'],
  ['deep', '38f2b8513adc'],
  ['list-heavy', '646f46519338'],
  ['unicode-heavy', '31bdc3be3c51'],
  ['null-heavy', '523917746ec9'],
  ['large', '6fcd35760b21'],
])('the items of %s are those of earlier versions', (name, expected) => {
  const hash = createHash('sha256');
  for (const item of someOf(shapeNamed(name)).slice(0, 10)) hash.update(JSON.stringify(item));
  expect(hash.digest('hex').slice(0, 12)).toBe(expected);
});

describe.each(SHAPES)('$name', (shape) => {
  const items = someOf(shape);

  test('an item depends only on the seed and its number', () => {
    expect(itemOf(shape, SEED, 7)).toEqual(items[7]);
    expect(itemOf(shape, SEED + 1, 7)).not.toEqual(items[7]);
    expect(new Set(items.map((item) => JSON.stringify(item))).size).toBe(items.length);
  });

  test('the partition key names the item', () => {
    expect(items.map(({ pk }) => numberOf((pk as { S: string }).S))).toEqual(items.map((_, i) => i));
  });

  test('an item is at most 400 KB, as DynamoDB counts', () => {
    expect(Math.max(...items.map(itemSize))).toBeLessThan(400 * 1024);
  });
});

test('single-table: five entities, 87 columns with about 71 NULL per row, eight lists, 0.66 to 1.6 KB', () => {
  const items = someOf(shapeNamed('single-table'));
  const { columns, filled, lists } = count(items);
  expect(new Set(items.map(({ entity }) => (entity as { S: string }).S)).size).toBe(5);
  expect(columns.size).toBe(87);
  expect(87 - filled / items.length).toBeCloseTo(71, -1);
  expect(lists.size).toBe(8);
  const bytes = items.map(jsonBytes);
  expect(Math.min(...bytes)).toBeGreaterThan(640);
  expect(Math.max(...bytes)).toBeLessThan(1640);
  expect(bytes.reduce((sum, each) => sum + each) / bytes.length).toBeCloseTo(1000, -2);
});

test('the small shapes have items of 0.3 to 8 KB', () => {
  for (const shape of SHAPES.filter(({ name }) => name !== 'large')) {
    const bytes = someOf(shape).map(jsonBytes);
    expect({ shape: shape.name, fits: Math.min(...bytes) > 300 && Math.max(...bytes) < 8192 }).toMatchObject({
      fits: true,
    });
  }
});

test('wide: every item has all 150 attributes, in varying order', () => {
  const items = someOf(shapeNamed('wide'));
  expect(new Set(items.map((item) => Object.keys(item).length))).toEqual(new Set([152]));
  expect(new Set(items.map((item) => Object.keys(item)[2])).size).toBeGreaterThan(100);
});

test('deep: values are ten levels of maps down', () => {
  expect(count(someOf(shapeNamed('deep'))).levels).toBeGreaterThanOrEqual(11);
});

test('list-heavy: about 34 members per item in six lists and sets, and lists in lists', () => {
  const items = someOf(shapeNamed('list-heavy'));
  const { lists, members } = count(items);
  expect([...lists].sort()).toEqual([
    ...['codes', 'events', 'labels', 'lines', 'nested', 'nested[].scores', 'readings'],
  ]);
  expect(Math.round(members / items.length)).toBeGreaterThanOrEqual(32);
  expect(Math.round(members / items.length)).toBeLessThanOrEqual(36);
});

test('list-heavy: the members of a set differ', () => {
  for (const { labels, codes } of someOf(shapeNamed('list-heavy'))) {
    for (const set of [(labels as { SS: string[] }).SS, (codes as { NS: string[] }).NS]) {
      expect(new Set(set).size).toBe(set.length);
    }
  }
});

test('unicode-heavy: most bytes are not ASCII, and some characters are escaped', () => {
  const text = JSON.stringify(someOf(shapeNamed('unicode-heavy')));
  const ascii = text.replace(/[^\0-\x7f]/g, '').length;
  expect(ascii).toBeLessThan(Buffer.byteLength(text) / 2);
  for (const escaped of ['\\"', '\\\\', '\\n', '\\u0007']) expect(text).toContain(escaped);
});

test('null-heavy: a third of the attributes are NULL, a half absent', () => {
  const items = someOf(shapeNamed('null-heavy'));
  expect(count(items).nulls / items.length / 120).toBeCloseTo(0.33, 1);
  expect(items.reduce((sum, item) => sum + Object.keys(item).length - 2, 0) / items.length / 120).toBeCloseTo(
    0.5,
    1,
  );
});

test('large: items of 390 KB', () => {
  for (const item of someOf(shapeNamed('large'))) expect(itemSize(item) / 1000).toBeCloseTo(388, -1);
});

test('a shape that does not exist is refused, with the names of those that do', () => {
  expect(() => shapeNamed('flat')).toThrow('There is no shape flat; there are single-table, wide,');
});
