import { isUtf8 } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts, sampleLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import type { EpochUnit } from '../../../src/pipeline/item/epoch.ts';
import { parseExactly } from '../../../src/pipeline/item/exact-json.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { Mapping, NO_MAPPING } from '../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../src/pipeline/mapping/shred.ts';
import { items as anyItems, mappings } from '../pipeline/mapping/any-mapping.ts';
import { alikeItems, HOSTILE_KEY, hostileItems } from '../pipeline/mapping/hostile-items.ts';
import { jsonOf } from './any-json.ts';
import { type Outcome, shredded, transcoded } from './both-ways.ts';
import { generator, someShapes } from './some-shapes.ts';

/** `TRIBUTARY_FUZZ=100` runs the fuzz a hundred times as long. */
const LONGER = Number(process.env.TRIBUTARY_FUZZ ?? 1);

const key = HOSTILE_KEY;

function seenOf(items: readonly Item[], mapping: Mapping) {
  const shredder = createShredder({ key, layouts: [], mapping });
  for (const item of items) shredder.shred(item);
  return shredder.takeSeen();
}

/** The rows of one table may come in another order: entries of a map come in the page's order. */
const inAnyOrder = ({ rows, ...others }: Outcome) => ({
  ...others,
  rows: rows.map(({ text, count }) => ({ lines: text.split('\n').sort(), count })),
});

const withoutIgnored = (mapping: Mapping): Mapping => ({
  ...mapping,
  include: undefined,
  exclude: undefined,
  columns: Object.fromEntries(Object.entries(mapping.columns).filter(([, { ignore }]) => !ignore)),
});

/** The outcomes of both ways, and how many items the transcoder left to the shredder. */
function bothWays(items: readonly Item[], sampled: number, mapping: Mapping, seed: number) {
  // The layouts may have columns for what is ignored now.
  const sample = seenOf(items.slice(0, sampled), seed % 2 === 0 ? mapping : withoutIgnored(mapping));
  const layouts =
    sampled >= items.length ? finalLayouts(sample, key as Key) : sampleLayouts(sample, key as Key);
  const random = generator(seed);
  const setting = { key, layouts, shapes: someShapes(layouts, random), mapping };
  const json = items.map((item) => jsonOf(item, random));
  const expected = shredded(
    setting,
    json.map((one) => parseExactly(one) as Item),
  );
  const { left, ...actual } = transcoded(setting, Buffer.from(json.join(','), 'utf8'));
  const hasEntries = Object.values(mapping.columns).some(({ asRows }) => asRows);
  return hasEntries
    ? { left, actual: inAnyOrder(actual), expected: inAnyOrder(expected) }
    : { left, actual, expected };
}

/** Paths at and below what a mapping may keep whole, split or make rows of. */
const ignoredPath = fc.constantFrom(
  'a.b',
  'a[].b',
  'a[]',
  'map.a',
  'map[key]',
  'map[key].a',
  'list[].a',
  'c.a',
  'sk',
  'b',
);
const withIgnored = fc.tuple(mappings, fc.uniqueArray(ignoredPath, { minLength: 1, maxLength: 3 })).map(
  ([mapping, paths]): Mapping => ({
    ...mapping,
    columns: { ...mapping.columns, ...Object.fromEntries(paths.map((path) => [path, { ignore: true }])) },
  }),
);

/** The same with paths to include and exclude, also such that only some of what is below them is included. */
const withSelected = fc
  .tuple(
    mappings,
    fc.uniqueArray(
      fc.oneof(ignoredPath, fc.constantFrom('', 'a', 'map', 'c', 'x', 'list', '[one]', '[two].a')),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fc.option(fc.uniqueArray(ignoredPath, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  )
  .map(([mapping, include, exclude]): Mapping => ({ ...mapping, include, exclude }));

const epoch = fc.constantFrom<EpochUnit>('s', 'ms', 'us');
const withRules = fc
  .tuple(
    mappings,
    fc.array(
      fc.tuple(
        fc.oneof(ignoredPath, fc.constantFrom('a', 'map.b', 'c', 'x', '[one].a')),
        fc.record({ epoch, emptyAsNull: fc.boolean() }, { requiredKeys: [] }),
      ),
      { minLength: 1, maxLength: 5 },
    ),
    fc.boolean(),
  )
  .map(
    ([mapping, rules, emptyAsNull]): Mapping => ({
      ...mapping,
      emptyAsNull,
      columns: {
        ...mapping.columns,
        ...Object.fromEntries(rules.map(([path, rule]) => [path, { ...mapping.columns[path], ...rule }])),
      },
    }),
  );

/** Also paths that expect another shape than the items have. */
const hiddenPath = fc.oneof(
  ignoredPath,
  fc.constantFrom('a', 'map', 'c', 'x', 'list', '[one].a', '[one].map[].a', 'a[][].b', 'a[key].b'),
  fc.constantFrom('list.a', 'list[key].b', 'map[].a', 'map[].b', 'map[][].a', 'c[].a', 'x.b', 'map.a.b[].c'),
);
const withHidden = fc
  .tuple(
    withRules,
    fc.uniqueArray(hiddenPath, { minLength: 1, maxLength: 3 }),
    fc.constantFrom({ hash: true }, { mask: true }),
  )
  .filter(([mapping, paths]) => {
    const routing = Object.values(mapping.entities).map(({ attribute }) => attribute);
    return paths.every((path) => {
      const first = /^(?:\[\w+\]\.)?(\w+)/.exec(path)?.[1];
      return first !== 'sk' && !routing.includes(first);
    });
  })
  .map(
    ([mapping, paths, hide]): Mapping => ({
      ...mapping,
      columns: {
        ...mapping.columns,
        ...Object.fromEntries(paths.map((path) => [path, { ...mapping.columns[path], ...hide }])),
      },
    }),
  );

const condition = fc
  .record(
    {
      attribute: fc.constantFrom('a', 'b', 'c', 'p.k', 'sk', 'map', 'x'),
      equals: fc.constantFrom('a', 'true', '0', ['', 'NULL', '2']),
      notEquals: fc.constantFrom('a', 'false', ['1', '']),
      beginsWith: fc.constantFrom('a', '2024', '"'),
      atLeast: fc.constantFrom('0', '1E2', 'a', '2024-02-29'),
      below: fc.constantFrom('0', '-1', 'b', '2024-02-30'),
      exists: fc.boolean(),
    },
    { requiredKeys: ['attribute'] },
  )
  .filter((one) => Object.keys(one).length > 1 && Object.keys(one).length < 4);
const withFilter = fc
  .tuple(fc.oneof(withHidden, withSelected), fc.array(condition, { minLength: 1, maxLength: 2 }))
  .map(([mapping, where]): Mapping => ({ ...mapping, where }));

describe('the transcoder writes what the shredder writes, byte for byte, and sees what it sees', () => {
  const seed = fc.integer({ min: 1 });
  test.each([
    ['hostile items', hostileItems, fc.constant(NO_MAPPING)],
    ['items that are alike', alikeItems, fc.constant(NO_MAPPING)],
    ['any mapping', anyItems, mappings],
    ['any mapping that ignores', anyItems, withIgnored],
    ['any mapping that includes and excludes', anyItems, withSelected],
    ['any mapping with times and without empty strings', anyItems, withRules],
    ['any mapping that hides', anyItems, withHidden],
    ['any mapping that filters', anyItems, withFilter],
  ] as const)('%s', (_what, items, mapping) => {
    fc.assert(
      fc.property(items, fc.nat(16), mapping, seed, (some, sampled, mapped, randomSeed) => {
        const { actual, expected } = bothWays(some, sampled, mapped, randomSeed);
        expect(actual).toEqual(expected);
      }),
      { numRuns: 500 * LONGER },
    );
  });
});

describe('an item is walked over as bytes, not parsed', () => {
  const item: Item = {
    'p.k': { S: 'a' },
    sk: { N: '1' },
    at: { N: '1700000000123' },
    note: { S: '' },
    map: { M: { a: { S: 'x' }, b: { L: [{ N: '1' }] } } },
    list: { L: [{ M: { a: { N: '5' }, b: { S: 'y' } } }] },
    dict: { M: { x: { M: { mail: { S: 'm' }, n: { N: '1' } } } } },
    other: { SS: ['z'] },
  };

  test.each<[string, object]>([
    ['of which some is included', { include: ['at', 'map.a', 'list[].a'] }],
    ['of which some is excluded', { exclude: ['map.b', 'list[].b', 'other'] }],
    ['with times', { columns: { at: { epoch: 'ms' }, 'list[].a': { epoch: 's' } } }],
    ['with empty strings that are NULL', { emptyAsNull: true }],
    [
      'that meets all conditions',
      {
        where: [
          { attribute: 'at', atLeast: '5' },
          { attribute: 'gone', exists: false },
        ],
      },
    ],
    ['that does not meet a condition', { where: [{ attribute: 'note', notEquals: '' }] }],
    ['with hidden members', { columns: { 'list[].b': { hash: true }, 'map.a': { mask: true } } }],
    [
      'with hidden values in the entries of a map',
      { columns: { dict: { asRows: true }, 'dict[key].mail': { hash: true } } },
    ],
    ['with hidden values', { columns: { at: { hash: true }, note: { mask: true }, map: { hash: true } } }],
  ])('%s', (_, settings) => {
    const mapping = Mapping.parse(settings);
    const setting = { key, layouts: finalLayouts(seenOf([item], mapping), key), shapes: [], mapping };
    const written = transcoded(setting, Buffer.from(JSON.stringify(item), 'utf8'));
    expect(written).toEqual({ ...shredded(setting, [item]), left: 0 });
  });
});

/** What comes out of a page, or that it is refused. */
function orRefused(make: () => Outcome): Outcome | 'refused' {
  try {
    const { rows, odd, filtered, rejected, counts, seen } = make();
    return { rows, odd, filtered, rejected, counts, seen };
  } catch {
    return 'refused';
  }
}

/** Most often a letter or a digit, which may leave the page readable. */
const anyByte = fc.oneof(fc.integer({ min: 97, max: 122 }), fc.integer({ min: 48, max: 57 }), fc.nat(255));

test('of a damaged page, nothing is written that a parser would not have read', () => {
  let refused = 0;
  let written = 0;
  fc.assert(
    fc.property(
      alikeItems,
      fc.array(fc.tuple(fc.nat(), anyByte), { minLength: 1, maxLength: 3 }),
      fc.option(fc.nat()),
      (items, changes, cut) => {
        const layouts = finalLayouts(seenOf(items, NO_MAPPING), key);
        const setting = { key, layouts, shapes: [], mapping: NO_MAPPING };
        let page = Buffer.from(items.map((item) => JSON.stringify(item)).join(','), 'utf8');
        if (page.length === 0) return;
        if (cut === null) for (const [at, byte] of changes) page[at % page.length] = byte;
        else page = page.subarray(0, cut % page.length);
        // What is not UTF-8 is refused before: see scan-response.ts.
        if (!isUtf8(page)) return;
        const actual = orRefused(() => transcoded(setting, page));
        const expected = orRefused(() =>
          shredded(setting, parseExactly(`[${page.toString('utf8')}]`) as Item[]),
        );
        expect(actual).toEqual(expected);
        if (actual === 'refused') refused++;
        else written++;
      },
    ),
    { numRuns: 1000 * LONGER },
  );
  expect(refused).toBeGreaterThan(100);
  expect(written).toBeGreaterThan(0);
});

test.each(['II', 'I I', 'I,', 'I, ', ',I', 'I,,I', 'I,null', 'null', 'I,[]', 'I;I', 'I,I]', 'I,{', 'I}'])(
  'items that are no list of objects are refused: %s',
  (list) => {
    const item: Item = { 'p.k': { S: 'a' }, sk: { N: '1' } };
    const setting = {
      key,
      layouts: finalLayouts(seenOf([item], NO_MAPPING), key),
      shapes: [],
      mapping: NO_MAPPING,
    };
    const page = Buffer.from(list.replaceAll('I', JSON.stringify(item)), 'utf8');
    expect(orRefused(() => transcoded(setting, page))).toBe('refused');
  },
);

test('blanks around items are passed over', () => {
  const item: Item = { 'p.k': { S: 'a' }, sk: { N: '1' } };
  const setting = {
    key,
    layouts: finalLayouts(seenOf([item], NO_MAPPING), key),
    shapes: [],
    mapping: NO_MAPPING,
  };
  const json = JSON.stringify(item);
  expect(transcoded(setting, Buffer.from(` ${json}\n,\t${json} `, 'utf8'))).toEqual({
    ...shredded(setting, [item, item]),
    left: 0,
  });
});
