import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts, sampleLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { keyedHash } from '../../../../src/pipeline/item/keyed-hash.ts';
import { FOR_LOOKS, type Hiding } from '../../../../src/pipeline/mapping/hiding.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { refuseHiddenKey } from '../../../../src/pipeline/schema/refuse-hidden-key.ts';
import { seenOf } from '../load/part-files.ts';

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

test.each<[string, object]>([
  ['the key', mapped({ id: { hash: true } })],
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
const items = fc
  .array(fc.tuple(canaries, canaries, fc.boolean()), { minLength: 1, maxLength: 6 })
  .map((all) =>
    all.map(
      ([a, b, isBad], i): Item => ({
        id: { S: String(i) },
        a,
        map: { M: { hidden: b, open: { N: '1' } } },
        list: { L: [{ M: { hidden: a } }] },
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
    mapped({ ...whole, a: hide, 'map.hidden': hide, 'list[].hidden': hide }, { maxDepth }),
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
