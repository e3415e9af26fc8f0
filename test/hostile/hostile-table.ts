import type { AttributeValue, Item } from '../../src/pipeline/item/attribute.ts';

/** A table of items as hostile as DynamoDB allows. Item `i` is always the same, so the table needs no storage. */

export const HOSTILE_KEY = [
  { name: 'pk', kind: 'S' as const },
  { name: 'sk', kind: 'S' as const },
];

/** What the pipeline's mapping must say for the items to be as hostile as intended. */
export const HOSTILE_MAPPING = { maxDepth: 32, columns: { whole: { asSuper: true } } };

interface Shape {
  readonly name: string;
  /** How many of 1,000 items have it. */
  readonly perMille: number;
  readonly more: (i: number) => Item;
  /** Added to the key. */
  readonly key?: readonly [pk: string, sk: string];
  /** What the reason says for which the item is set aside. Absent if the item is written exactly. */
  readonly setAside?: RegExp;
}

const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const map = (count: number, make: (n: number) => [string, AttributeValue]): AttributeValue => ({
  M: Object.fromEntries(many(count, make)),
});
const WORDS = 65_536;
/** Words of four letters, twice over, so that they can begin at any of them. */
const ALL_WORDS = many(WORDS, (n) => ((n * 7919) % WORDS).toString(36).padStart(4, '0'))
  .join(' ')
  .concat(' ')
  .repeat(2);
/** Words that compress about as well as text; at most 300,000 characters. */
const words = (length: number, seed: number): string =>
  ALL_WORDS.slice((seed % WORDS) * 5, (seed % WORDS) * 5 + length);
const CONTROL = '\u0001\u0002\u001f\u007f\u0085';
const LONG_NAME = 'long'.repeat(15_000);

/** One value of every kind. */
const VALUES: readonly ((i: number) => AttributeValue)[] = [
  (i) => ({ N: `${i}.25` }),
  (i) => ({ S: `text ${i}` }),
  (i) => ({ BOOL: i % 2 === 0 }),
  () => ({ B: 'AP8Q' }),
  () => ({ NULL: true }),
  (i) => ({ M: { inner: { N: `${i}` }, text: { S: '"quoted", \\ and\nbroken' } } }),
  () => ({ L: [{ S: 'x' }, { M: { m: { N: '1E2' } } }, { L: [] }] }),
  () => ({ SS: ['b', 'a', 'é'] }),
];
const someValue = (i: number): AttributeValue => (VALUES[i % VALUES.length] as (typeof VALUES)[number])(i);

const SHAPES: readonly Shape[] = [
  { name: 'small', perMille: 497, more: (i) => ({ name: { S: `item ${i}` }, n: { N: `${i}` } }) },
  {
    name: 'a name of 60 KB',
    perMille: 60,
    more: (i) => ({ [`${LONG_NAME}${i % 50}`]: map(10, (n) => [`b${n}`, { BOOL: true }]) }),
  },
  {
    name: '50,000 values below a name of 60 KB',
    perMille: 5,
    more: () => ({ [LONG_NAME]: map(50_000, (n) => [`${n}`, { BOOL: true }]) }),
    setAside: /paths|row of more than 4 MB/,
  },
  {
    name: '32 levels',
    perMille: 60,
    more: (i) => ({
      deep: many(31, (n) => n).reduce<AttributeValue>(
        (value, level) => (level % 2 === 0 ? { L: [value] } : { M: { below: value } }),
        { N: `${i}` },
      ),
    }),
  },
  {
    name: '390 KB of text',
    perMille: 15,
    more: (i) => Object.fromEntries(many(6, (n) => [`text_${n}`, { S: words(64_900, i * 6 + n) }])),
  },
  {
    name: 'a dictionary of names of its own',
    perMille: 150,
    more: (i) => ({ names: map(300, (n) => [`name ${i * 300 + n}`, someValue(n)]) }),
  },
  {
    name: 'a dictionary of lists',
    perMille: 50,
    more: (i) => ({
      lists: map(3, (n) => [`list${(i + n) % 4}`, { L: [someValue(i + n), someValue(n)] }]),
    }),
  },
  {
    name: 'control characters',
    perMille: 20,
    more: () => ({ short: { S: CONTROL.repeat(5000) }, long: { S: CONTROL.repeat(20_000) } }),
  },
  {
    name: '395,000 control characters, kept whole',
    perMille: 3,
    more: () => ({ whole: { S: '\u0001'.repeat(395_000) } }),
    setAside: /more than 4 MB/,
  },
  { name: 'kept whole', perMille: 40, more: (i) => ({ whole: { L: many(8, (n) => someValue(i + n)) } }) },
  {
    name: 'a key of 3 KB',
    perMille: 50,
    key: ['p'.repeat(2000), 's'.repeat(1000)],
    more: (i) => ({ members: { L: many(20, (n) => ({ N: `${i + n}` })) } }),
  },
  {
    name: '200,000 members under a key of 3 KB',
    perMille: 3,
    key: ['p'.repeat(2000), 's'.repeat(1000)],
    more: () => ({ members: { L: many(200_000, () => ({ NULL: true })) } }),
    setAside: /rows repeat/,
  },
  {
    name: '2,000 members',
    perMille: 6,
    more: (i) => ({ members: { L: many(2000, (n) => ({ M: { m: { S: `${i + n}` } } })) } }),
  },
  {
    name: '300 KB of binary',
    perMille: 6,
    more: (i) => ({ binary: { B: Buffer.alloc(300_000, i % 256).toString('base64') } }),
  },
  {
    name: '5,000 numbers in a set',
    perMille: 3,
    more: (i) => ({ set: { NS: many(5000, (n) => `${i + n}`) } }),
  },
  {
    name: 'texts that break naive code',
    perMille: 30,
    more: () => ({
      nul: { S: 'a\0b' },
      sentinel: { S: '~NULL~' },
      empty: { S: '' },
      __proto__x: { S: '\r\n"' },
      number: { N: '-1.25E-130' },
    }),
  },
  {
    name: 'half of a surrogate pair',
    perMille: 1,
    more: () => ({ half: { S: 'a\ud800' } }),
    setAside: /surrogate/,
  },
  { name: 'U+0000 in the key', perMille: 1, key: ['\0', ''], more: () => ({}), setAside: /U\+0000/ },
];

const PER_MILLE: readonly Shape[] = SHAPES.flatMap((shape) => many(shape.perMille, () => shape));

export interface HostileItem {
  readonly item: Item;
  readonly shape: string;
  readonly setAside: RegExp | undefined;
}

/** Item number `i`. Any 1,000 in succession have every shape. */
export function hostileItem(i: number): HostileItem {
  // 619 and 1,000 have no common divisor, so the shapes are mixed.
  const shape = PER_MILLE[(i * 619) % PER_MILLE.length] as Shape;
  const [pk, sk] = shape.key ?? ['', ''];
  const item = { pk: { S: `${i}|${pk}` }, sk: { S: sk }, ...shape.more(i) };
  return { item, shape: shape.name, setAside: shape.setAside };
}

/** The number of the item that has this partition key. */
export const numberOf = (pk: string): number => Number(pk.slice(0, pk.indexOf('|')));
