import { readdirSync, readFileSync } from 'node:fs';
import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadItems } from '../../../local/demo/load-items.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { type Plain, plain, plainMap } from '../../unit/pipeline/mapping/plain.ts';
import { type Overrides, type TestPipeline, uniqueName } from './harness.ts';
import { itemsInWarehouse, readManifest } from './warehouse-items.ts';
import { withHarness } from './with-harness.ts';

/** The mapping's fixtures, and what is too large for a fixture, through DynamoDB, S3 and the Data API. */

const directory = new URL('../../fixtures/items/', import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, directory), 'utf8'));

interface Fixture {
  readonly name: string;
  readonly item: Item;
  readonly key: Key;
  readonly mapping?: Record<string, unknown>;
  readonly rejected?: string;
}

const ID: Key = [{ name: 'id', kind: 'S' }];

/** Whether values arrive as they were: mapped-values.test.ts and private.test.ts load the others. */
function keepsValues({ columns = {}, ...mapping }: Record<string, unknown> = {}): boolean {
  const ofColumns = Object.values(columns as object).flatMap((column) => Object.keys(column as object));
  const changing = ['emptyAsNull', 'include', 'exclude', 'where', 'epoch', 'hash', 'mask'];
  return ![...Object.keys(mapping), ...ofColumns].some((setting) => changing.includes(setting));
}

const fixtures = readdirSync(directory)
  .filter((file) => file.endsWith('.item.json'))
  .map((file): Fixture => {
    const name = file.slice(0, -'.item.json'.length);
    return { name, key: ID, ...read(`${name}.expected.json`), item: read(file) };
  })
  // DynamoDB's own JSON has no unpaired surrogates.
  .filter(({ name }) => name !== 'rejected-half-a-surrogate-pair');

const id = (text: string): Item => ({ id: { S: text } });
const text = (length: number) => 'ä"\\\n'.repeat(Math.ceil(length / 5)).slice(0, length - 1);

/** Large values and many values: each exceeds some limit. */
const large: readonly Item[] = [
  { ...id('65,535 bytes'), long: { S: 'x'.repeat(65_535) } },
  { ...id('65,536 bytes'), long: { S: 'x'.repeat(65_536) } },
  { ...id('65,536 bytes in fewer characters'), long: { S: 'é'.repeat(32_768) } },
  { ...id('400 KB'), long: { S: text(300_000) } },
  { ...id('binary as long as VARBYTE text'), binary: { B: Buffer.alloc(32_767, 1).toString('base64') } },
  { ...id('binary one longer'), binary: { B: Buffer.alloc(32_768, 1).toString('base64') } },
  { ...id('no bytes at all'), binary: { B: '' }, emptyOnly: { B: '' } },
  { ...id('blanks'), s: { S: '  ' } },
  { ...id('nothing'), s: { S: '' } },
  { ...id('trailing'), s: { S: 'trailing  ' } },
  { ...id('nan'), s: { S: 'nan' } },
  { ...id('NULL'), s: { S: 'NULL' } },
  { ...id('\\N'), s: { S: '\\N' } },
  { ...id('a\ttab'), s: { S: 'tab\t,"quote"\\\r\nline 😀' } },
  { ...id('2024-01-31T10:00:00Z'), when: { S: '2024-01-31T10:00:00Z' } },
  { ...id('2024-01-31T10:00:00.000Z'), when: { S: '2024-01-31T10:00:00.000Z' } },
  { ...id('dates'), day: { S: '2024-02-29' } },
  { ...id('dates but one'), day: { S: 'soon' } },
];

function expectedItems(items: readonly Item[], key: Key): Map<string, Plain | undefined> {
  return new Map(
    items.map((item) => {
      const expected = (plainMap(item) ?? new Map()) as Map<string, Plain>;
      // A key stays text: two texts can be one point in time, but two keys.
      for (const { name } of key) expected.set(name, keyText(item[name] as AttributeValue));
      return [JSON.stringify(key.map(({ name }) => expected.get(name))), expected];
    }),
  );
}

const keyText = (value: AttributeValue) => ('S' in value ? value.S : (plain(value) as Plain));

describe('every kind and every edge', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  async function load(items: readonly Item[], key: Key): Promise<string> {
    const table = uniqueName('items');
    await harness.dynamodb.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: key.map(({ name }, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: key.map(({ name, kind }) => ({ AttributeName: name, AttributeType: kind })),
      }),
    );
    await waitUntilTableExists(
      { client: harness.dynamodb, maxWaitTime: 60, minDelay: 1 },
      { TableName: table },
    );
    await loadItems(harness.dynamodb, table, items.map(forSdk) as never);
    return table;
  }

  async function refresh(items: readonly Item[], key: Key, overrides: Overrides = {}) {
    const table = await load(items, key);
    const pipeline = harness.define(table, { source: { segments: 2 }, ...overrides });
    const result = await (await harness.start({ pipeline: pipeline.pipeline })).result();
    return { table, pipeline, result };
  }

  async function itemsOf({ pipeline, run, key }: { pipeline: TestPipeline; run: string; key: Key }) {
    const manifest = await readManifest(harness, pipeline, run);
    return { manifest, items: await itemsInWarehouse(harness, pipeline.schema, manifest, key) };
  }

  test('without a mapping, all items arrive in one table with every value as it was', async () => {
    const items = [
      ...fixtures
        .filter((f) => f.rejected === undefined && f.key === ID && f.mapping === undefined)
        .map(({ name, item }) => ({ ...item, ...id(name) })),
      ...large,
    ];
    const { pipeline, result } = await refresh(items, ID);
    expect(result).toMatchObject({ status: 'replaced', items: items.length, rejects: 0 });
    const found = (await itemsOf({ pipeline, run: result.run, key: ID })).items;
    const expected = expectedItems(items, ID);
    for (const [itemKey, item] of expected) expect([itemKey, found.get(itemKey)]).toEqual([itemKey, item]);
    expect(found.size).toBe(expected.size);
  });

  const mapped = fixtures.filter(
    (f) => f.rejected === undefined && (f.key !== ID || f.mapping !== undefined) && keepsValues(f.mapping),
  );
  test.each(mapped.map((f): [string, Fixture] => [f.name, f]))(
    '%s',
    async (name, { item, key, mapping = {} }) => {
      const { pipeline, result } = await refresh([item], key, { mapping });
      expect(result).toMatchObject({ status: 'replaced', items: 1, rejects: 0 });
      const { items } = await itemsOf({ pipeline, run: result.run, key });
      const { secret: _, ...kept } = item;
      const expected = expectedItems([name === 'left-out-with-ignore' ? kept : item], key);
      expect([...items]).toEqual([...expected]);
    },
  );

  const keys: [string, Key, Item[]][] = [
    [
      'numbers',
      [{ name: 'n', kind: 'N' }],
      ['-0', '1E2', '1.50', '-7', '12345678901234567890'].map((N) => ({ n: { N } })),
    ],
    [
      'numbers of any size',
      [{ name: 'n', kind: 'N' }],
      ['1E-130', '9.9E+125', '0.5', '-3'].map((N) => ({ n: { N } })),
    ],
    [
      'bytes',
      [{ name: 'b', kind: 'B' }],
      ['AA==', '/w==', 'AAE='].map((B) => ({ b: { B }, list: { L: [{ B }] } })),
    ],
    [
      'bytes and numbers',
      [
        { name: 'b', kind: 'B' },
        { name: 'n', kind: 'N' },
      ],
      ['1', '2', '3.5'].map((N) => ({ b: { B: 'AAE=' }, n: { N }, tags: { SS: ['x', 'y'] } })),
    ],
    [
      'times that differ in zeros alone',
      [
        { name: 's', kind: 'S' },
        { name: 't', kind: 'S' },
      ],
      ['2024-01-31T10:00:00Z', '2024-01-31T10:00:00.000Z'].map((S) => ({
        s: { S: '2024-01-31' },
        t: { S },
        l: { L: [{ S }] },
      })),
    ],
  ];
  test.each(keys)('keys that are %s', async (_, key, items) => {
    const { pipeline, result } = await refresh(items, key);
    const found = await itemsOf({ pipeline, run: result.run, key });
    expect(found.items).toEqual(expectedItems(items, key));
  });

  test('of 20,000 names in one map and 3,000 attributes, those without a column are complete in _rest', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `k${i}`);
    // Booleans, because a row of the local Redshift holds 8 KB.
    const items: Item[] = [
      { ...id('map'), m: { M: Object.fromEntries(names.map((name, i) => [name, { BOOL: i % 2 === 0 }])) } },
      {
        ...id('attributes'),
        ...Object.fromEntries(names.slice(0, 3000).map((name) => [`a_${name}`, { S: name.slice(-1) }])),
      },
      { ...id('usual'), a_k1: { S: 'x' }, a_k2: { L: [{ S: 'y' }] } },
    ];
    const { pipeline, result } = await refresh(items, ID);
    expect(result).toMatchObject({ status: 'replaced', items: 3, rejects: 0 });
    const { items: found, manifest } = await itemsOf({ pipeline, run: result.run, key: ID });
    expect(manifest.tables[0]?.columns.length).toBeLessThanOrEqual(1510);
    expect(manifest.tables[0]?.columns.map(({ name }) => name)).toContain('_rest');
    for (const [itemKey, item] of expectedItems(items, ID)) expect(found.get(itemKey)).toEqual(item);
  });

  test('a map of rows turns 20,000 names into 20,000 rows', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `k${i}`);
    const item = {
      ...id('map'),
      m: { M: Object.fromEntries(names.map((name, i) => [name, { N: String(i) }])) },
    };
    const { table, pipeline } = await refresh([item], ID, { mapping: { columns: { m: { asRows: true } } } });
    const [row] = await harness.sql(
      `SELECT count(*) AS n, sum("value") AS s, max("_key") AS k FROM "${pipeline.schema}"."${table}__m"`,
    );
    expect([String(row?.n), String(row?.s), row?.k]).toEqual([
      '20000',
      String((20_000 * 19_999) / 2),
      'k9999',
    ]);
  });

  const rejected = fixtures.filter((f) => f.rejected !== undefined);
  test.each(rejected.map((f): [string, Fixture] => [f.name, f]))(
    '%s, and nothing is replaced',
    async (_, { item, key, mapping = {}, rejected: reason }) => {
      const table = await load([item], key);
      const { pipeline, schema } = harness.define(table, { mapping });
      const handle = await harness.start({ pipeline });
      await expect(handle.result()).rejects.toMatchObject({
        cause: { message: expect.stringContaining(reason as string) },
      });
      expect(await harness.tablesOf(schema)).toEqual([]);
    },
  );
});

/** Binary values as the SDK takes them: as bytes, at any depth. */
function forSdk(item: Item): Record<string, unknown> {
  const value = (v: AttributeValue): unknown => {
    if ('B' in v) return { B: Buffer.from(v.B, 'base64') };
    if ('BS' in v) return { BS: v.BS.map((B) => Buffer.from(B, 'base64')) };
    if ('L' in v) return { L: v.L.map(value) };
    if ('M' in v)
      return { M: Object.fromEntries(Object.entries(v.M).map(([name, member]) => [name, value(member)])) };
    return v;
  };
  return Object.fromEntries(Object.entries(item).map(([name, v]) => [name, value(v)]));
}
