import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../src/config/parse-config.ts';

/** The problems of a pipeline with this mapping, as `path: message`. */
function problems(mapping: unknown, more: Record<string, unknown> = {}): string[] {
  return problemsOf(file({ nobel: { ...PIPELINE, mapping, ...more } }));
}

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'f');
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .map((line) => line.replace(/^f:\d+:\d+ (?:pipelines\.nobel\.(?:mapping\.)?)?/, ''));
  }
  return [];
}

const PIPELINE = {
  source: { kind: 'dynamodb', table: 'nobel' },
  staging: { bucket: 'tributary' },
  warehouse: { kind: 'redshift', workgroup: 'local', database: 'dev', schema: 'nobel', iamRole: 'default' },
};
const file = (pipelines: object, schedules: object = {}) => stringify({ pipelines, schedules });

const columns = (settings: object, more: object = {}) => ({ columns: settings, ...more });
const orders = { orders: { keyPrefix: 'O#' } };

describe('settings of columns that contradict each other, or never apply', () => {
  test.each<[string, object, string]>([
    [
      'ignore and another',
      columns({ a: { ignore: true, name: 'b' } }),
      'columns.a.name: expected no name beside ignore',
    ],
    [
      'below ignored',
      columns({ a: { ignore: true }, 'a.b': { split: true } }),
      'columns.a.b: expected nothing below a, which is ignored',
    ],
    [
      'below the ignored members of a list',
      columns({ 'a[]': { ignore: true }, 'a[].b': { name: 'b' } }),
      'columns.a[].b: expected nothing below a[]',
    ],
    [
      'asSuper and type',
      columns({ a: { asSuper: true, type: 'BIGINT' } }),
      'columns.a.type: expected no type beside asSuper',
    ],
    [
      'asSuper and asRows',
      columns({ a: { asSuper: true, asRows: true } }),
      'columns.a.asRows: expected no asRows beside asSuper',
    ],
    [
      'below asSuper',
      columns({ a: { asSuper: true }, 'a.b': { name: 'b' } }),
      'columns.a.b: expected nothing but ignore, hash and mask below a',
    ],
    [
      'split and name',
      columns({ a: { split: true, name: 'b' } }),
      'columns.a.name: expected no name beside split',
    ],
    [
      'a type of time, and no time',
      columns({ a: { type: 'date', timestamp: false } }),
      'columns.a.timestamp: expected no timestamp: false beside type date',
    ],
    [
      'deeper than maxDepth',
      columns({ 'a.b.c': { name: 'c' } }, { maxDepth: 2 }),
      'columns.a.b.c: expected a path of at most 2 levels',
    ],
    [
      'asRows at maxDepth',
      columns({ 'a.b': { asRows: true } }, { maxDepth: 2 }),
      'columns.a.b.asRows: expected no asRows here: at maxDepth (2), maps are kept whole. Raise maxDepth to 3',
    ],
    [
      'entries without asRows',
      columns({ 'a[key].b': { name: 'b' } }),
      'columns.a[key].b: expected asRows: true for a',
    ],
    [
      'an entry by its name',
      columns({ a: { asRows: true }, 'a.b': { name: 'b' } }),
      'columns.a.b: expected a path that begins with a[key]',
    ],
    [
      'an unknown entity',
      columns({ '[order].a': { name: 'b' } }, { entities: orders }),
      'columns.[order].a: expected an entity of this mapping (orders) instead of order',
    ],
    [
      'an entity without entities',
      columns({ '[orders].a': { name: 'b' } }),
      'columns.[orders].a: expected a path without [orders], because mapping.entities is empty',
    ],
    [
      'ignore where items are routed',
      columns({ '[x].type': { ignore: true } }, { entities: { x: { attribute: 'type', equals: 'x' } } }),
      'columns.[x].type.ignore: expected no ignore: the conditions of entity x need this attribute',
    ],
    [
      'epoch and split',
      columns({ a: { epoch: 's', split: true } }),
      'columns.a.epoch: expected no epoch beside split',
    ],
    [
      'epoch and a type of numbers',
      columns({ a: { epoch: 's', type: 'BIGINT' } }),
      'columns.a.type: expected TIMESTAMPTZ or VARCHAR beside epoch, which makes times, not BIGINT',
    ],
    [
      'epoch and no time',
      columns({ a: { epoch: 's', timestamp: false } }),
      'columns.a.timestamp: expected no timestamp: false beside epoch',
    ],
    [
      'hash and mask',
      columns({ a: { hash: true, mask: true } }),
      'columns.a.mask: expected no mask beside hash, which makes text of every value',
    ],
    [
      'hash and epoch',
      columns({ a: { hash: true, epoch: 's' } }),
      'columns.a.epoch: expected no epoch beside hash',
    ],
    [
      'hash and a type that is too short',
      columns({ a: { hash: true, type: 'VARCHAR(63)' } }),
      'columns.a.type: expected VARCHAR(64) or longer beside hash, instead of VARCHAR(63)',
    ],
    [
      'another form below what is hidden',
      columns({ a: { mask: true }, 'a.b': { epoch: 's' } }),
      'columns.a.b: expected no other form of values below a, which mask hides',
    ],
    [
      'hash inside what routes items',
      columns({ '[x].type[].a': { hash: true } }, { entities: { x: { attribute: 'type', equals: 'x' } } }),
      'columns.[x].type[].a.hash: expected no hash: the conditions of entity x need this attribute',
    ],
    [
      'hash where items are routed',
      columns({ '[x].type': { hash: true } }, { entities: { x: { attribute: 'type', equals: 'x' } } }),
      'columns.[x].type.hash: expected no hash: the conditions of entity x need this attribute',
    ],
    [
      'a name of a hash inside a value kept whole',
      columns({ a: { asSuper: true }, 'a.b': { hash: true, name: 'c' } }),
      'columns.a.b.name: expected no name beside hash inside a value that is kept whole',
    ],
    [
      'emptyAsNull in a value kept whole',
      columns({ a: { emptyAsNull: true, asSuper: true } }),
      'columns.a.emptyAsNull: expected no emptyAsNull beside asSuper',
    ],
    [
      'settings of what is excluded',
      columns({ a: { name: 'b' } }, { exclude: ['a'] }),
      'columns.a: expected no settings for a, which exclude leaves out',
    ],
    [
      'below what is excluded',
      columns({ 'a.b': { name: 'b' } }, { exclude: ['a'] }),
      'columns.a.b: expected nothing below a, which exclude leaves out',
    ],
    [
      'settings of what is not included',
      columns({ a: { name: 'b' } }, { include: ['c'] }),
      'columns.a: expected a path that include reads: neither a nor anything below it is included',
    ],
    [
      'included and excluded',
      { include: ['a', 'b'], exclude: ['a'] },
      'include[0]: expected a path that is not left out as well: a',
    ],
    [
      'included below what is ignored',
      columns({ a: { ignore: true } }, { include: ['a.b'] }),
      'include[0]: expected nothing below a, which is ignored',
    ],
    [
      'excluded, but not included',
      { include: ['a'], exclude: ['b'] },
      'exclude[0]: expected a path that include reads',
    ],
    [
      'excluded where items are routed',
      { exclude: ['[x].type'], entities: { x: { attribute: 'type', equals: 'x' } } },
      'exclude[0]: expected another path: the conditions of entity x need [x].type',
    ],
    ['included twice', { include: ['a', 'a'] }, 'include[1]: expected each path once'],
    [
      'sorted by what is not included',
      { include: ['a'], tables: { 'a[]': { sortKey: ['a[].b'] }, 'b[]': { name: 'x' } }, exclude: ['a[].b'] },
      'tables.a[].sortKey[0]: expected a path that is not ignored',
    ],
  ])('%s', (_, mapping, expected) => {
    expect(problems(mapping)).toEqual([expect.stringContaining(expected)]);
  });

  test.each<[string, object]>([
    ['ignore below asSuper', columns({ a: { asSuper: true }, 'a.b.c': { ignore: true } })],
    ['ignore below maxDepth', columns({ 'a.b.c': { ignore: true } }, { maxDepth: 1 })],
    ['ignore for an entry by its name', columns({ a: { asRows: true }, 'a.b': { ignore: true } })],
    ['asSuper with a name', columns({ a: { asSuper: true, name: 'b' } })],
    ['epoch with a name and a type', columns({ a: { epoch: 'ms', name: 'b', type: 'TIMESTAMPTZ' } })],
    [
      'hash and mask inside a value kept whole',
      columns({ a: { asSuper: true }, 'a.b': { hash: true }, 'c.d.e': { mask: true } }, { maxDepth: 2 }),
    ],
    [
      'hash of a value kept whole',
      columns({ a: { asSuper: true, hash: true }, b: { mask: true, name: 'c' } }),
    ],
    ['a name below what is hidden', columns({ a: { hash: true }, 'a.b': { name: 'c' } })],
    ['settings on the way to what is included', columns({ a: { asRows: true } }, { include: ['a[key].b'] })],
    ['a whole root, with some of another', { include: ['', '[orders].a'], entities: orders }],
    [
      'a part of a value kept whole',
      columns({ a: { asSuper: true } }, { include: ['a.b'], exclude: ['a.b.c'] }),
    ],
    ['asRows and split, for maps and scalars', columns({ a: { asRows: true, split: true } })],
    ['false, which changes nothing', columns({ a: { ignore: true, asRows: false } })],
    [
      'entries of entries',
      columns({ a: { asRows: true }, 'a[key]': { asRows: true }, 'a[key][key].b': { name: 'b' } }),
    ],
    [
      'a path of an entity',
      columns({ '[orders].a': { ignore: true }, a: { name: 'b' } }, { entities: orders }),
    ],
  ])('are not confused with those that do: %s', (_, mapping) => {
    expect(problems(mapping)).toEqual([]);
  });
});

describe('names', () => {
  test('of two columns of one table differ', () => {
    const names = columns({ a: { name: 'x' }, 'l[].a': { name: 'x' }, 'b.c': { name: 'x' } });
    expect(problems(names)).toEqual([
      'columns.b.c.name: expected a name of its own: the column of a in the same table has the name x',
    ]);
  });

  test('of columns are not those of positions, or of the warehouse', () => {
    expect(problems(columns({ 'l[].a': { name: '_pos' }, b: { name: '_pos' }, c: { name: 'oid' } }))).toEqual(
      [
        'columns.l[].a.name: expected another name: _pos is the position in this table',
        'columns.c.name: expected another name: the warehouse reserves oid in every table',
      ],
    );
  });

  test('of two tables differ, also from entities', () => {
    const tables = { 'a[]': { name: 'x' }, 'b[]': { name: 'x' }, 'c[]': { name: 'orders' } };
    expect(problems({ tables, entities: orders })).toEqual([
      'tables.b[].name: expected a name of its own: the table a[] has the name x',
      'tables.c[].name: expected a name of its own: entity orders has the name orders',
    ]);
    const renamed = { '[orders]': { name: 'x' }, 'c[]': { name: 'orders' } };
    expect(problems({ tables: renamed, entities: orders })).toEqual([]);
  });

  test("of tables are not those of Tributary's own", () => {
    expect(problems({ tables: { '': { name: '_tributary_ledger' } } })).toEqual([
      expect.stringContaining('tables..name: expected another name: Tributary reserves _tributary_ledger'),
    ]);
  });
});

describe('tables', () => {
  test.each<[string, object, string]>([
    [
      'of an ignored list',
      { tables: { 'a[]': { name: 'x' } }, ...columns({ a: { ignore: true } }) },
      'tables.a[]: expected nothing below a',
    ],
    [
      'of a list with asSuper',
      { tables: { 'a[]': { name: 'x' } }, ...columns({ a: { asSuper: true } }) },
      'tables.a[]: expected nothing but ignore, hash and mask below a',
    ],
    [
      'of a list that is too deep',
      { tables: { 'a.b[]': { name: 'x' } }, maxDepth: 2 },
      'tables.a.b[]: expected a path of at most 2 levels',
    ],
    [
      'of entries without asRows',
      { tables: { 'a[key]': { name: 'x' } } },
      'tables.a[key]: expected asRows: true for a',
    ],
    [
      'of an unknown entity',
      { tables: { '[o].a[]': { name: 'x' } }, entities: orders },
      'tables.[o].a[]: expected an entity of this mapping (orders) instead of o',
    ],
    [
      'distributed by another table’s column',
      { tables: { 'a[]': { distKey: 'b.c' } } },
      'tables.a[].distKey: expected the path of a column in this table, such as a[].name, or of a key',
    ],
    [
      'sorted by an ignored column',
      { tables: { '': { sortKey: ['pk', 'b'] } }, ...columns({ b: { ignore: true } }) },
      'tables..sortKey[1]: expected a path that is not ignored',
    ],
    [
      'sorted by SUPER',
      { tables: { '': { sortKey: ['b'] } }, ...columns({ b: { asSuper: true } }) },
      'tables..sortKey[0]: expected a path without asSuper',
    ],
    [
      'sorted by VARBYTE',
      { tables: { '': { sortKey: ['b'] } }, ...columns({ b: { type: 'VARBYTE(9)' } }) },
      'tables..sortKey[0]: expected a path whose type is not VARBYTE',
    ],
    [
      'sorted by a column twice',
      { tables: { '': { sortKey: ['b', 'c', 'b'] } } },
      'tables..sortKey: expected each path once: b is listed twice',
    ],
  ])('%s', (_, mapping, expected) => {
    expect(problems(mapping)).toEqual([expect.stringContaining(expected)]);
  });

  test('may be distributed by a key attribute, and sorted by their own columns', () => {
    const tables = {
      'a[]': { distKey: 'pk', sortKey: ['a[].at', 'a[].x.y'] },
      '[orders]': { sortKey: ['[orders].at'] },
    };
    expect(problems({ tables, entities: orders })).toEqual([]);
  });
});

describe('an entity that can get no items', () => {
  test.each<[string, object]>([
    ['equal to an earlier one', { a: { keyPrefix: 'O#' }, b: { keyPrefix: 'O#' } }],
    ['narrower than an earlier one', { a: { keyPrefix: 'O' }, b: { keyPrefix: 'O#', sortKeyPrefix: 'L#' } }],
    [
      'with some of its values',
      { a: { attribute: 't', equals: ['x', 'y'] }, b: { attribute: 't', equals: 'y' } },
    ],
  ])('is refused: %s', (_, entities) => {
    expect(problems({ entities })).toEqual([
      expect.stringMatching(/^entities\.b: expected conditions that leave items for b.*Put b before a/),
    ]);
  });

  test.each<[string, object]>([
    ['narrower, but first', { b: { keyPrefix: 'O#', sortKeyPrefix: 'L#' }, a: { keyPrefix: 'O' } }],
    ['with a value more', { a: { attribute: 't', equals: 'x' }, b: { attribute: 't', equals: ['x', 'y'] } }],
    ['by another attribute', { a: { attribute: 't', equals: 'x' }, b: { attribute: 'u', equals: 'x' } }],
  ])('is not confused with one that can: %s', (_, entities) => {
    expect(problems({ entities })).toEqual([]);
  });
});

describe('__proto__ as a key', () => {
  test.each([
    [
      'of a column',
      '    mapping: { columns: { __proto__: { ignore: true } } }',
      'columns.__proto__: expected %5F_proto__',
    ],
    [
      'of a table',
      '    mapping: { tables: { "__proto__": { name: x } } }',
      'tables.__proto__: expected %5F_proto__',
    ],
    [
      'of an entity',
      '    mapping: { entities: { __proto__: { keyPrefix: x } } }',
      'entities.__proto__: expected another name',
    ],
    ['of a setting', '    __proto__: 1', '__proto__: expected another name'],
    ['of a pipeline', '  __proto__: {}', 'pipelines.__proto__: expected another name'],
    ['of a schedule', 'schedules: { __proto__: {} }', 'schedules.__proto__: expected another name'],
    ['at the top', '__proto__: {}', '__proto__: expected another name'],
  ])('%s', (_, line, expected) => {
    const found = problemsOf(`${file({ nobel: PIPELINE }).replace('schedules: {}\n', '')}${line}\n`);
    expect(found).toEqual([expect.stringContaining(expected)]);
  });

  test.each(['constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'is the only one that is lost: %s is an unknown setting, and a possible name',
    (name) => {
      expect(problems({ [name]: 1 })).toEqual([expect.stringContaining(`Unrecognized key: "${name}"`)]);
      const mapping = { columns: { [name]: { name: 'x' }, [`${name}.y`]: { name: 'y' } } };
      const pipelines = { [name.toLowerCase()]: { ...PIPELINE, mapping } };
      const parsed = parseConfig(file(pipelines), 'f').pipelines[name.toLowerCase()];
      expect(Object.keys(parsed?.mapping.columns ?? {})).toEqual([name, `${name}.y`]);
    },
  );

  test('in a path is refused with the right spelling', () => {
    expect(problems(columns({ 'a.__proto__': { name: 'x' } }))).toEqual([
      expect.stringContaining('%5F_proto__ for __proto__'),
    ]);
  });
});

test('a pipeline whose directory is inside that of another is refused', () => {
  const inside = { ...PIPELINE, staging: { bucket: 'tributary', prefix: 'tributary/nobel' } };
  const warehouse = { ...PIPELINE.warehouse, schema: 'other' };
  expect(problemsOf(file({ nobel: PIPELINE, runs: { ...inside, warehouse } }))).toEqual([
    'pipelines.runs.staging.prefix: expected a prefix outside of s3://tributary/tributary/nobel/, which is the directory of nobel',
  ]);
});

test('a database user of a workgroup is refused', () => {
  expect(problems({}, { warehouse: { ...PIPELINE.warehouse, dbUser: 'bob' } })).toEqual([
    expect.stringContaining('warehouse.dbUser: expected no dbUser with a workgroup'),
  ]);
});
