import fc from 'fast-check';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { mapOf, valueWith } from './hostile-items.ts';

/** Any mapping that the configuration accepts, and items for it: few names and paths, so that they meet. */

const SURROGATE = '\ud83d';

/** Items of a few names and entities. Some cannot be written, unless the mapping leaves a value out or keeps it whole. */
const value = valueWith(fc.constantFrom('a', 'b'), 2);
const flaw = fc.constantFrom<Item>({ c: { S: SURROGATE } }, { map: { M: { '\0': { N: '1' } } } });
export const items = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'a ', '"', '"\u0001"', 'NULL', ''),
      mapOf(
        fc.constantFrom('a', 'A', 'aB', 'a.b', 'a_b', 'a__b', 'b', 'c', 'list', 'map', 'x', 'p.k'),
        value,
      ),
      fc.option(flaw, { freq: 4, nil: {} }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) =>
    all.map(
      ([pk, some, flawed], i): Item => ({ ...some, ...flawed, 'p.k': { S: pk }, sk: { N: String(i) } }),
    ),
  );

const ENTITIES = ['one', 'two', 'things'] as const;
const route = fc.constantFrom(
  { keyPrefix: 'a' },
  { keyPrefix: '"' },
  { keyPrefix: 'NULL' },
  { attribute: 'b', equals: ['true', '0', ''] },
  { attribute: 'a', equals: 'true' },
);
const inRoot = (path: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.constantFrom('', '', '', ...ENTITIES.map((name) => `[${name}].`)), path)
    .map((all) => all.join(''));
const columnPath = inRoot(
  fc.constantFrom(
    ...['a', 'A', 'a%2Eb', 'a__b', 'b', 'c', 'list', 'map', 'p%2Ek'],
    ...[
      'a.a',
      'a.b',
      'map.a',
      'map.b',
      'list[]',
      'list[].a',
      'a[]',
      'map[key]',
      'map[key].a',
      'c[key].b',
      'map.b[]',
    ],
  ),
);
const tablePath = fc.oneof(
  fc.constantFrom('', ...ENTITIES.map((name) => `[${name}]`)),
  inRoot(fc.constantFrom('list[]', 'a[]', 'map[key]', 'map.b[]', 'list[].a[]')),
);
const columnName = fc.constantFrom(
  'a',
  'b',
  'a_b',
  'a__b',
  'x',
  'y',
  'list__count',
  'value',
  'sk',
  '_rest',
  'oid',
  '_pos',
);
const tableName = fc.constantFrom('things', 'one', 'x', 'y', 'things__list', '_tributary_marker');
const type = fc.constantFrom(
  ...[
    'BOOLEAN',
    'BIGINT',
    'DECIMAL(10,2)',
    'VARCHAR(2)',
    'VARCHAR(65535)',
    'VARBYTE(1000)',
    'DATE',
    'TIMESTAMPTZ',
  ],
);
const on = fc.boolean();
const column = fc.record(
  { name: columnName, type, timestamp: on, asSuper: on, asRows: on, split: on },
  { requiredKeys: [] },
);
/** Of what is nested, other tests show that it is left out. */
const ignored = inRoot(fc.constantFrom('a', 'c', 'list', 'map')).map(
  (path) => [path, { ignore: true }] as const,
);
const entries = <T>(path: fc.Arbitrary<string>, value: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(fc.tuple(path, value), { maxLength });
export const mappings = fc
  .record({
    naming: fc.constantFrom(undefined, 'lower', 'snake_case'),
    columns: fc
      .tuple(entries(columnPath, column, 5), fc.array(ignored, { maxLength: 2 }))
      .map(([some, without]) => Object.fromEntries([...some, ...without])),
    tables: entries(tablePath, fc.record({ name: tableName }), 3).map(Object.fromEntries),
    entities: entries(fc.constantFrom(...ENTITIES), route, 3).map(Object.fromEntries),
    maxDepth: fc.constantFrom(8, 8, 1, 2, 3),
  })
  .map((mapping) => Mapping.safeParse(mapping))
  .filter(({ success }) => success)
  .map(({ data }) => data as Mapping);

/** Another mapping, or the same one with single changes. */
export const changed = fc
  .tuple(mappings, mappings, fc.record({ naming: on, columns: on, tables: on, entities: on, maxDepth: on }))
  .map(([a, b, from]): [Mapping, Mapping] => [
    a,
    {
      ...a,
      ...(from.naming ? { naming: b.naming } : {}),
      ...(from.columns ? { columns: b.columns } : {}),
      ...(from.tables ? { tables: b.tables } : {}),
      ...(from.entities ? { entities: b.entities } : {}),
      ...(from.maxDepth ? { maxDepth: b.maxDepth } : {}),
    },
  ]);

/** What makes most of the items fit that were set aside. */
export const WITHOUT_FLAWS = Object.fromEntries(
  ['', ...ENTITIES.map((name) => `[${name}].`)].flatMap((root) => [
    [`${root}c`, { ignore: true }],
    [`${root}map`, {}],
  ]),
);
