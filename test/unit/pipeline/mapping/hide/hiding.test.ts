import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts, sampleLayouts } from '../../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../../src/pipeline/item/key.ts';
import { keyedHash } from '../../../../../src/pipeline/item/keyed-hash.ts';
import { FOR_LOOKS, type Hiding } from '../../../../../src/pipeline/mapping/hide/hiding.ts';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../../src/pipeline/mapping/shred.ts';
import { refuseHiddenKey } from '../../../../../src/pipeline/schema/refuse-hidden-key.ts';
import { seenOf } from '../../load/part-files.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const hash = keyedHash('a key');
const HIDING: Hiding = { hash };
const mapped = (columns: object, more: object = {}) => Mapping.parse({ columns, ...more });

const kept = (item: Item, mapping: Mapping) =>
  createShredder({ key, layouts: [], mapping, hiding: HIDING }).kept(item);

describe('a hidden value', () => {
  test.each<[string, AttributeValue, AttributeValue]>([
    ['a string', { S: 'Ann' }, { S: hash('Ann') }],
    ['an empty string', { S: '' }, { S: hash('') }],
    ['a number, by its canonical text', { N: '1.50E1' }, { S: hash('15') }],
    ['binary, by its hexadecimal', { B: 'AP8=' }, { S: hash('00ff') }],
    ['a boolean', { BOOL: true }, { S: hash('true') }],
    ['NULL stays', { NULL: true }, { NULL: true }],
    ['a list', { L: [{ S: 'a' }, { NULL: true }] }, { L: [{ S: hash('a') }, { NULL: true }] }],
    ['a map', { M: { a: { M: { b: { N: '1' } } } } }, { M: { a: { M: { b: { S: hash('1') } } } } }],
    [
      'a set, in the order of the hashes',
      { SS: ['a', 'b', 'c'] },
      {
        L: ['a', 'b', 'c']
          .map(hash)
          .sort()
          .map((S) => ({ S })),
      },
    ],
  ])('is the keyed hash of its text: %s', (_, v, expected) => {
    expect(kept({ id: { S: 'i' }, v }, mapped({ v: { hash: true } })).v).toEqual(expected);
  });

  test('or the mask', () => {
    const item: Item = { id: { S: 'i' }, v: { M: { a: { N: '1' }, b: { NS: ['1', '2'] } } } };
    expect(kept(item, mapped({ v: { mask: true } })).v).toEqual({
      M: { a: { S: '***' }, b: { L: [{ S: '***' }, { S: '***' }] } },
    });
  });

  test('is NULL if it is an empty string and these are NULL', () => {
    const mapping = mapped({ v: { hash: true } }, { emptyAsNull: true });
    expect(kept({ id: { S: 'i' }, v: { S: '' } }, mapping).v).toEqual({ NULL: true });
  });

  test('looks the same without the key, and no rows are written without it', () => {
    const mapping = mapped({ v: { hash: true } });
    const item: Item = { id: { S: 'i' }, v: { S: 'Ann' } };
    const looked = createShredder({ key, layouts: [], mapping, hiding: FOR_LOOKS });
    looked.shred(item);
    const hashed = createShredder({ key, layouts: [], mapping, hiding: HIDING });
    hashed.shred(item);
    expect(looked.takeSeen()).toEqual(hashed.takeSeen());
    expect(() => createShredder({ key, layouts: [], mapping, sinks: [] })).toThrow('need the hash');
  });
});

describe('a hidden path is matched by its names, whatever shape an item has', () => {
  const s = (S: string): AttributeValue => ({ S });
  const m = (M: Item): AttributeValue => ({ M });
  const l = (...L: AttributeValue[]): AttributeValue => ({ L });
  const clear = { open: s('open') };
  const OF_PHONES = { 'phones[].number': { mask: true } };
  const OF_DICT = { v: { asRows: true }, 'v[key].mail': { mask: true } };
  const X = s('***');

  test.each<[string, object, AttributeValue, AttributeValue]>([
    ['the list', OF_PHONES, l(m({ number: s('1'), ...clear })), l(m({ number: X, ...clear }))],
    ['a map', OF_PHONES, m({ number: l(s('1')) }), m({ number: l(X) })],
    [
      'a map of maps',
      OF_PHONES,
      m({ home: m({ number: s('1'), ...clear }) }),
      m({ home: m({ number: X, ...clear }) }),
    ],
    ['a map of scalars', OF_PHONES, m({ home: s('1') }), m({ home: X })],
    ['a list of lists', OF_PHONES, l(l(m({ number: s('1'), ...clear }))), l(l(m({ number: X, ...clear })))],
    ['a scalar', OF_PHONES, { N: '1' }, X],
    ['NULL', OF_PHONES, { NULL: true }, { NULL: true }],
    ['a list with a scalar', OF_PHONES, l(s('1'), m(clear)), l(X, m(clear))],
    ['a set', OF_PHONES, { NS: ['1', '2'] }, l(X, X)],
    ['a set whose members are hidden', { 'phones[]': { mask: true } }, { SS: ['1'] }, l(X)],
    ['a map instead of hidden members', { 'phones[]': { mask: true } }, m({ a: s('1') }), m({ a: X })],
    ['a scalar instead of hidden members', { 'phones[]': { mask: true } }, s('1'), X],
    [
      'a list instead of a map',
      { 'phones.a.b': { mask: true } },
      l(m({ a: l(m({ b: s('1') })), ...clear })),
      l(m({ a: l(m({ b: X })), ...clear })),
    ],
    ['a mask and a hash: the mask', { 'phones.a': { hash: true }, 'phones.b': { mask: true } }, s('1'), X],
    ['a name that objects have', { 'phones.constructor': { mask: true } }, m(clear), m(clear)],
  ])('%s', (_, columns, phones, expected) => {
    expect(kept({ id: s('i'), phones }, mapped(columns)).phones).toEqual(expected);
  });

  test.each<[string, object, AttributeValue, AttributeValue]>([
    ['the dictionary', OF_DICT, m({ a: m({ mail: s('1'), ...clear }) }), m({ a: m({ mail: X, ...clear }) })],
    ['an entry with the hidden name', OF_DICT, m({ mail: m({ a: s('1') }) }), m({ mail: m({ a: X }) })],
    ['a list', OF_DICT, l(m({ mail: s('1') })), l(m({ mail: X }))],
    [
      'a list of dictionaries',
      OF_DICT,
      l(m({ a: m({ mail: s('1'), ...clear }) })),
      l(m({ a: m({ mail: X, ...clear }) })),
    ],
    [
      'a dictionary of lists',
      OF_DICT,
      m({ a: l(m({ mail: s('1'), ...clear })) }),
      m({ a: l(m({ mail: X, ...clear })) }),
    ],
    ['a dictionary of scalars', OF_DICT, m({ a: s('1') }), m({ a: X })],
    [
      'a name without [key]',
      { v: { asRows: true }, 'v.mail': { mask: true } },
      m({ a: m({ mail: s('1'), ...clear }) }),
      m({ a: m({ mail: X, ...clear }) }),
    ],
    [
      'a list of lists with entries',
      { 'v[]': { asRows: true }, 'v[].mail': { mask: true } },
      l(m({ a: m({ mail: s('1'), ...clear }) })),
      l(m({ a: m({ mail: X, ...clear }) })),
    ],
  ])('with asRows: %s', (_, columns, v, expected) => {
    expect(kept({ id: s('i'), v }, mapped(columns)).v).toEqual(expected);
  });
});

test.each<[string, object]>([
  ['the key', mapped({ id: { hash: true } })],
  ['what a key that is a map would have', mapped({ 'id[].a': { hash: true } })],
  ['the key of an entity', mapped({ '[a].id': { mask: true } }, { entities: { a: { keyPrefix: 'a' } } })],
  ['what routes items', mapped({ t: { hash: true } }, { entities: { a: { attribute: 't', equals: 'a' } } })],
])('%s cannot be hidden', (_, mapping) => {
  expect(() => refuseHiddenKey(mapping as Mapping, key)).toThrow(
    expect.objectContaining({ code: 'KeyHidden' }),
  );
});

/** In every value at or below a hidden path. */
const CANARY = 'canary';
const canaries = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    fc.constantFrom<AttributeValue>(
      { S: CANARY },
      { S: `${CANARY}\0` },
      { S: `"${CANARY}"\n` },
      { SS: [`${CANARY}1`, CANARY] },
      { B: Buffer.from(CANARY).toString('base64') },
      { N: '777777777' },
      { NS: ['777777777'] },
      { NULL: true },
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((L): AttributeValue => ({ L })),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b'), tie('value')), { maxLength: 2 })
      .map((entries): AttributeValue => ({ M: Object.fromEntries(entries) })),
  ),
})).value;

/** A value with canaries, all of which are hidden if `name` is hidden below it: of any shape. */
const shapes = (name: string) => {
  const inside = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      canaries.filter((value) => !('M' in value || 'L' in value)),
      canaries.map((hidden): AttributeValue => ({ M: { open: { M: { n: { N: '1' } } }, [name]: hidden } })),
      fc.array(tie('value'), { maxLength: 3 }).map((L): AttributeValue => ({ L })),
    ),
  })).value;
  const dictionary = fc
    .dictionary(fc.constantFrom('x', 'y', name), inside)
    .map((M): AttributeValue => ({ M }));
  return fc.oneof(inside, dictionary);
};
const items = fc
  .array(fc.tuple(canaries, canaries, fc.boolean(), shapes('number'), shapes('secret'), shapes('mail')), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) =>
    all.map(
      ([a, b, isBad, phones, docs, dict], i): Item => ({
        id: { S: String(i) },
        a,
        map: { M: { hidden: b, open: { N: '1' } } },
        list: { L: [{ M: { hidden: a } }] },
        phones,
        docs,
        dict,
        deep: { M: { phones } },
        ...(isBad ? { bad: { S: '\ud83d' } } : {}),
      }),
    ),
  );
const CLEAR = [
  CANARY,
  Buffer.from(CANARY).toString('hex'),
  Buffer.from(CANARY).toString('base64'),
  '777777777',
];
const mappings = fc
  .record({
    hide: fc.constantFrom({ hash: true }, { mask: true }),
    whole: fc.constantFrom<object>({}, { map: { asSuper: true } }, { list: { asSuper: true } }),
    maxDepth: fc.constantFrom(8, 2),
  })
  .map(({ hide, whole, maxDepth }) =>
    mapped(
      {
        ...whole,
        ...{ a: hide, 'map.hidden': hide, 'list[].hidden': hide },
        ...{ 'phones[].number': hide, 'deep.phones[].number': hide },
        ...{ docs: { asSuper: true }, 'docs[].secret': hide },
        ...{ dict: { asRows: true }, 'dict[key].mail': hide },
      },
      { maxDepth },
    ),
  );

test('no hidden value is in a row, in an item kept whole, or in what was seen; and kept items make the same rows', () => {
  fc.assert(
    fc.property(items, mappings, fc.nat(3), (some, mapping, sampled) => {
      const layouts = sampleLayouts(seenOf(some.slice(0, sampled), key, mapping), key);
      const rowsBy = (hiding: Hiding, all: readonly Item[], of = layouts) => {
        const texts = of.map((): string[] => []);
        const sinks = of.map((_, i) => ({ append: (text: string) => texts[i]!.push(text) }));
        const shredder = createShredder({ key, layouts: of, sinks, mapping, hiding });
        const aside = all
          .map((item) => ({ item, ...shredder.shred(item) }))
          .filter(({ kind }) => kind !== 'rows')
          .map(({ item }) => shredder.kept(item));
        return { texts, aside, seen: shredder.takeCutSeen() };
      };
      const written = rowsBy(HIDING, some);
      const all = JSON.stringify(written);
      expect(CLEAR.filter((clear) => all.includes(clear))).toEqual([]);

      const whole = finalLayouts(seenOf(some, key, mapping), key);
      const once = rowsBy(HIDING, some, whole);
      const again = rowsBy('before', rowsBy(HIDING, some, []).aside, whole);
      expect(again.texts).toEqual(once.texts);
    }),
    { numRuns: 500 },
  );
});
