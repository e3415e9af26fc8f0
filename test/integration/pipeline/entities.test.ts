import { beforeAll, describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { comparable, expectedTables } from './expected-tables.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

describe('a table of several entities', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  const items = nobelItems() as unknown as Item[];

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
    await harness.startWorkers();
  });

  const isLaureate = (item: Item) => (item.pk as { S: string }).S.startsWith('LAUREATE#');
  const laureates = expectedTables('laureates', ['pk', 'sk'], items.filter(isLaureate));
  const prizes = expectedTables(
    'prizes',
    ['pk', 'sk'],
    items.filter((item) => !isLaureate(item)),
  );

  test('becomes one table per entity, with its lists and keys, and no table for anything else', async () => {
    const { pipeline, schema } = harness.define(table, {
      source: { segments: 3 },
      mapping: {
        entities: { laureates: { keyPrefix: 'LAUREATE#' }, prizes: { keyPrefix: 'PRIZE#' } },
      },
    });
    const result = await (await harness.start({ pipeline })).result();
    expect(result).toMatchObject({ status: 'replaced', items: 1680, rejects: 0 });
    const expected = new Map([...laureates, ...prizes]);
    expect(await harness.tablesOf(schema)).toEqual([...expected.keys()].sort());
    expect([...expected.keys()].sort()).toEqual([
      'laureates',
      'laureates__prizes',
      'laureates__prizes__affiliations',
      'prizes',
      'prizes__laureates',
    ]);
    for (const [name, rows] of expected) {
      expect(comparable(await harness.rowsOf(schema, name))).toEqual(comparable(rows));
    }
    const columns = Object.keys((await harness.rowsOf(schema, 'prizes'))[0] ?? {});
    expect(columns).not.toContain('gender');
  });

  test('items that belong to no entity stay together in a table named like the DynamoDB table', async () => {
    const { pipeline, schema } = harness.define(table, {
      mapping: { entities: { laureates: { attribute: 'gender', equals: ['male', 'female'] } } },
    });
    const result = await (await harness.start({ pipeline })).result();
    expect(result).toMatchObject({ status: 'replaced', items: 1680 });
    const [counts] = await harness.sql(
      `SELECT (SELECT count(*) FROM "${schema}"."laureates") AS a, (SELECT count(*) FROM "${schema}"."${table}") AS b`,
    );
    const gendered = items.filter(
      ({ gender }) => gender !== undefined && 'S' in gender && gender.S !== 'org',
    ).length;
    expect(counts).toEqual({ a: gendered, b: 1680 - gendered });
  });

  test('may be added for a replay of rejects, renamed and removed: each run writes exact tables', async () => {
    const orders = uniqueName('items');
    const item = (pk: string, more: Item = {}) => ({ pk: { S: pk }, sk: { S: 'x' }, ...more });
    const line = { lines: { L: [{ M: { sku: { S: 'a' } } }] } };
    const source = [
      ...Array.from({ length: 3 }, (_, i) => item(`ORDER#${i}`, line)),
      item('CUSTOMER#1', { name: { S: 'Ann' } }),
      item('RETURN#1', { totals: { M: { 'a\0': { N: '1' } } } }),
    ];
    await harness.createTable(orders, source as never);
    const order = { keyPrefix: 'ORDER#' };
    const customer = { keyPrefix: 'CUSTOMER#' };
    const { pipeline, schema, definition } = harness.define(orders, {
      source: { segments: 1 },
      mapping: {
        entities: { orders: order, customers: customer },
        columns: { totals: { asRows: true } },
      },
      maxRejects: 1,
    });
    const refresh = async (mapping: object, replay?: string) => {
      const changed = PipelineDefinition.parse({ ...definition, mapping });
      const input = { pipeline, definition: changed, ...(replay === undefined ? {} : { replay }) };
      return (await harness.start(input)).result();
    };
    const live = async () => {
      const tables = await harness.tablesOf(schema);
      const rows = await Promise.all(tables.map((name) => harness.rowsOf(schema, name)));
      return Object.fromEntries(tables.map((name, i) => [name, rows[i]!.map(({ pk }) => String(pk)).sort()]));
    };
    const first = await (await harness.start({ pipeline })).result();
    expect(first).toMatchObject({ status: 'replaced', rejects: 1 });
    const keys = ['ORDER#0', 'ORDER#1', 'ORDER#2'];
    expect(await live()).toEqual({ orders: keys, orders__lines: keys, customers: ['CUSTOMER#1'] });

    const added = { orders: order, customers: customer, returns: { keyPrefix: 'RETURN#' } };
    const replayed = await refresh({ entities: added }, first.run);
    expect(replayed).toMatchObject({ status: 'replaced', items: 5, rejects: 0 });
    const kept = { orders: keys, orders__lines: keys, customers: ['CUSTOMER#1'] };
    expect(await live()).toEqual({ ...kept, returns: ['RETURN#1'] });

    const renamed = await refresh({
      entities: { orders: order, people: customer },
      columns: { totals: { ignore: true } },
    });
    expect(renamed).toMatchObject({ status: 'replaced', items: 5, rejects: 0 });
    expect(await live()).toEqual({
      ...{ ...kept, customers: [], people: ['CUSTOMER#1'] },
      ...{ returns: [], [orders]: ['RETURN#1'] },
    });

    const removed = await refresh({ columns: { totals: { asSuper: true } } });
    expect(removed).toMatchObject({ status: 'replaced', items: 5, rejects: 0 });
    expect(await live()).toEqual({
      ...{ orders: [], orders__lines: [], customers: [], people: [], returns: [] },
      [orders]: source.map(({ pk }) => pk.S).sort(),
      [`${orders}__lines`]: keys,
    });

    const named = { tables: { '': { name: 'everything' }, '[orders]': { name: 'people' } } };
    await expect(refresh({ ...named, entities: { people: customer, orders: order } })).rejects.toMatchObject({
      cause: {
        type: 'NameTaken',
        message: expect.stringContaining('the table of [people] already has that name'),
      },
    });
  });
});
