import { beforeAll, describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { comparable, expectedTables } from './expected-tables.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

describe('refreshWarehouse on the Nobel prizes', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  let nobel: TestPipeline;

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
    await harness.startWorkers();
    nobel = harness.define(table, { source: { segments: 4 } });
  });

  test('every table holds, row by row, what was written to DynamoDB', async () => {
    const handle = await harness.start({ pipeline: nobel.pipeline });
    const result = await handle.result();
    expect(result).toMatchObject({ status: 'replaced', items: 1680, rejects: 0 });

    const expected = expectedTables(table, ['pk', 'sk'], nobelItems() as unknown as Item[]);
    expect(await harness.tablesOf(nobel.schema)).toEqual([...expected.keys()].sort());
    for (const [name, rows] of expected) {
      expect(comparable(await harness.rowsOf(nobel.schema, name))).toEqual(comparable(rows));
    }
    expect(Object.fromEntries(result.tables.map(({ table: name, rows }) => [name, rows]))).toEqual({
      [table]: 1680,
      [`${table}__prizes`]: 1012,
      [`${table}__prizes__affiliations`]: 1094,
      [`${table}__laureates`]: 1012,
    });
    const [empty] = await harness.sql(
      `SELECT count(*) AS n FROM "${nobel.schema}"."${table}__prizes__affiliations" WHERE value__count = 0`,
    );
    expect(empty).toEqual({ n: 266 });
  });
});
