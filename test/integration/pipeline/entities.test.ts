import { beforeAll, describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
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
});
