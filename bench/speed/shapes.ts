import type { AttributeValue, Item } from '../../src/pipeline/item/attribute.ts';
import { Random } from './random.ts';
import { singleTableItem } from './single-table.ts';
import { longText, timestamp, unicodeText, words } from './text.ts';

/** The tables of the benchmark. Item `i` of a shape depends only on the seed, the shape and `i`. */

export interface Shape {
  /** It is also the DynamoDB table's name. */
  readonly name: string;
  readonly is: string;
  item(i: number, random: Random): Item;
}

/** All shapes have this key. The partition key ends in `#` and the item's number in base 36. */
export const KEY = [
  { name: 'pk', kind: 'S' },
  { name: 'sk', kind: 'S' },
] as const;

export const numberOf = (partitionKey: string): number =>
  Number.parseInt(partitionKey.slice(partitionKey.lastIndexOf('#') + 1), 36);

const s = (S: string): AttributeValue => ({ S });
const n = (N: number | string): AttributeValue => ({ N: String(N) });
const many = <T>(count: number, make: (k: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));
const money = (random: Random) => n((random.below(10_000_000) / 100).toFixed(2));
const key = (i: number, sk: string): Item => ({ pk: s(`ITEM#${i.toString(36)}`), sk: s(sk) });

/** One value of a plain kind, always the same kind for one `k`. */
function plainValue(k: number, random: Random): AttributeValue {
  if (k % 5 === 0) return n(random.below(1_000_000_000));
  if (k % 5 === 1) return s(words(random, 12));
  if (k % 5 === 2) return { BOOL: random.chance(0.5) };
  if (k % 5 === 3) return money(random);
  return s(timestamp(random));
}

function nested(levels: number, random: Random): AttributeValue {
  const here = {
    id: n(random.below(1_000_000)),
    name: s(words(random, 16)),
    active: { BOOL: random.chance(0.8) },
  };
  if (levels === 1) return { M: here };
  return { M: { ...here, left: nested(levels - 1, random), [`level_${levels}`]: nested(1, random) } };
}

export const SHAPES: readonly Shape[] = [
  {
    name: 'single-table',
    is: 'five entities in one table: 9 tables, 87 root columns, about 71 of them NULL per row',
    item: singleTableItem,
  },
  {
    name: 'wide',
    is: '150 attributes of plain kinds, all present, in varying order',
    item(i, random) {
      const first = random.below(150);
      const attributes = many(150, (k): [string, AttributeValue] => {
        const at = (k + first) % 150;
        return [`attribute_${at.toString().padStart(3, '0')}`, plainValue(at, random)];
      });
      return { ...key(i, 'WIDE'), ...Object.fromEntries(attributes) };
    },
  },
  {
    name: 'deep',
    is: 'maps in maps, 10 levels, and lists at the bottom',
    item: (i, random) => ({
      ...key(i, 'DEEP'),
      created_at: s(timestamp(random)),
      tree: nested(10, random),
      path: {
        M: { to: { M: { the: { M: { leaves: { L: [s(words(random, 8)), s(words(random, 8))] } } } } } },
      },
    }),
  },
  {
    name: 'list-heavy',
    is: 'four lists and two sets, about 34 rows of child tables per item',
    item: (i, random) => ({
      ...key(i, 'LISTS'),
      total: money(random),
      lines: {
        L: many(random.between(2, 24), (k) => ({
          M: {
            line: n(k + 1),
            sku: s(`SKU-${random.hex(8)}`),
            quantity: n(random.between(1, 9)),
            price: money(random),
            note: s(words(random, 20)),
          },
        })),
      },
      events: {
        L: many(random.between(1, 8), () => ({
          M: { at: s(timestamp(random)), kind: s(random.pick(['created', 'paid', 'sent', 'returned'])) },
        })),
      },
      readings: { L: many(random.between(4, 12), () => money(random)) },
      nested: {
        L: many(random.between(0, 2), () => ({
          M: {
            name: s(words(random, 8)),
            scores: { L: many(random.between(1, 3), () => n(random.below(100))) },
          },
        })),
      },
      labels: { SS: many(random.between(1, 5), (k) => `${words(random, 6)} ${k}`) },
      codes: { NS: many(random.between(1, 4), (k) => String(random.below(100_000) * 10 + k)) },
    }),
  },
  {
    name: 'unicode-heavy',
    is: 'texts in eleven scripts, with emoji and escaped characters',
    item: (i, random) => ({
      ...key(i, 'TEXT'),
      title: s(unicodeText(random, 2)),
      body: s(unicodeText(random, random.between(4, 40))),
      naïve_name: s(unicodeText(random, 1)),
      商品名: s(unicodeText(random, 2)),
      author: { M: { name: s(unicodeText(random, 1)), city: s(unicodeText(random, 1)) } },
      comments: { L: many(random.between(0, 4), () => ({ M: { text: s(unicodeText(random, 4)) } })) },
      rating: n(random.between(1, 5)),
    }),
  },
  {
    name: 'null-heavy',
    is: '120 attributes: a third NULL, a half absent',
    item(i, random) {
      const attributes = many(120, (k): [string, AttributeValue][] => {
        const name = `optional_${k.toString().padStart(3, '0')}`;
        if (random.chance(0.5)) return [];
        return [[name, random.chance(0.66) ? { NULL: true } : plainValue(k, random)]];
      });
      return { ...key(i, 'SPARSE'), ...Object.fromEntries(attributes.flat()) };
    },
  },
  {
    name: 'large',
    is: 'items of 390 KB: six long texts and two lists',
    item: (i, random) => ({
      ...key(i, 'LARGE'),
      ...Object.fromEntries(many(6, (k) => [`text_${k}`, s(longText(random, 64_000))])),
      members: { L: many(60, (k) => ({ M: { at: n(k), text: s(words(random, 30)) } })) },
      samples: { L: many(100, () => money(random)) },
    }),
  },
];

/** @throws if there is no such shape */
export function shapeNamed(name: string): Shape {
  const shape = SHAPES.find((each) => each.name === name);
  if (shape !== undefined) return shape;
  throw new Error(`There is no shape ${name}; there are ${SHAPES.map((each) => each.name).join(', ')}.`);
}

/** Item `i` of a shape, from the benchmark's seed. */
export function itemOf(shape: Shape, seed: number, i: number): Item {
  return shape.item(i, Random.of(seed, i));
}
