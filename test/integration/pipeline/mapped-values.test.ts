import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Item } from '../../../local/demo/load-items.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput } from '../../../src/contract/refresh.ts';
import { reportKey } from '../../../src/pipeline/run/run-directory.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

/** Items as an application writes them: numbers that are times, empty strings, and rows that no report needs. */
const items: Item[] = Array.from({ length: 60 }, (_, i) => ({
  pk: { S: `order#${i}` },
  sk: { S: 's' },
  status: { S: i % 3 === 0 ? 'test' : 'paid' },
  createdAt: { N: String(1_700_000_000_000 + i) },
  shippedOn: { S: i % 2 === 0 ? '' : '2024-01-31' },
  internal: { M: { note: { S: 'x' } } },
  lines: { L: [{ M: { sku: { S: 'a' }, note: { S: '' }, at: { N: '1700000000' } } }] },
}));
/** Not among the kept ones, an odd one, one whose time is none, and one that cannot be written. */
const OTHERS: Item[] = [
  { pk: { S: 'rare' }, sk: { S: 's' }, status: { S: 'paid' }, rare: { S: 'r' }, createdAt: { N: '0.00005' } },
  { pk: { S: 'bad\0' }, sk: { S: 's' }, status: { S: 'paid' } },
  { pk: { S: 'test\0' }, sk: { S: 's' }, status: { S: 'test' } },
];

const mapping = {
  where: [{ attribute: 'status', notEquals: 'test' }],
  emptyAsNull: true,
  exclude: ['internal'],
  columns: { createdAt: { epoch: 'ms' }, 'lines[].at': { epoch: 's' } },
};

describe('values as the mapping wants them', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  const refresh = async (input: RefreshInput) => (await harness.start(input)).result();
  const typesOf = async (schema: string, table: string) =>
    Object.fromEntries(
      (
        await harness.sql(
          `SELECT column_name, data_type FROM svv_columns WHERE table_schema = '${schema}' AND table_name = '${table}'`,
        )
      ).map((row) => [row.column_name, row.data_type]),
    );

  test('are in the warehouse, and every item is counted as loaded, set aside or filtered', async () => {
    const table = uniqueName('orders');
    await harness.createTable(table, [...items, ...OTHERS] as never);
    const { pipeline, schema, definition } = harness.define(table, {
      source: { segments: 2 },
      mapping,
      maxRejects: 1,
    });
    const result = await refresh({ pipeline });
    expect(result).toMatchObject({ status: 'replaced', items: 63, rejects: 1, filtered: 21 });
    expect(result.tables.find((each) => each.table === table)).toMatchObject({ rows: 41 });

    const types = await typesOf(schema, table);
    expect(types).toMatchObject({ created_at: 'timestamp with time zone', shipped_on: 'date' });
    expect(Object.keys(types).filter((name) => name.startsWith('internal'))).toEqual([]);
    expect(await typesOf(schema, `${table}__lines`)).toMatchObject({ at: 'timestamp with time zone' });
    const [row] = await harness.sql(
      `SELECT count(*) AS rows, count(shipped_on) AS shipped, count(created_at) AS times, max(created_at__n) AS odd,
         count(CASE WHEN created_at = '2023-11-14T22:13:20.001Z' THEN 1 END) AS first
       FROM ${schema}.${table}`,
    );
    expect(row).toEqual({ rows: 41, shipped: 20, times: 40, odd: expect.anything(), first: 1 });

    const at = { ...definition.staging, pipeline, run: result.run };
    const report = JSON.parse(Buffer.from((await harness.store.get(reportKey(at)))!.body).toString());
    expect(report).toMatchObject({ items: 63, rows: 81, rejects: 1, filtered: 21 });

    const other = { ...definition, mapping: { ...definition.mapping, where: undefined } };
    await expect(refresh({ pipeline, definition: other, replay: result.run })).rejects.toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining('where') }),
      }),
    );
    const replayed = await refresh({ pipeline, replay: result.run });
    expect(replayed).toMatchObject({ status: 'replaced', items: 63, rejects: 1, filtered: 21 });

    const inferred = await harness.client.workflow.execute('inferSchema', {
      ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName('infer') },
      args: [{ pipeline }],
    });
    expect(inferred).toMatchObject({
      items: 63,
      rejects: 1,
      filtered: 21,
      drift: { newColumns: 0, widened: 0 },
    });
  });

  test('do not replace live if nothing is left of the items, unless that is allowed', async () => {
    const table = uniqueName('orders');
    await harness.createTable(table, items as never);
    const typo = { where: [{ attribute: 'Status', equals: 'paid' }], exclude: ['internal.note', 'line'] };
    const { pipeline, schema, definition } = harness.define(table, {
      source: { segments: 2 },
      mapping: typo,
    });
    const mistaken =
      'mapping.where has the attribute Status, which the sample of 60 items did not have (did you mean "status"?)';
    const planned = await harness.client.workflow.execute('planPipeline', {
      ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName('plan') },
      args: [{ pipeline }],
    });
    const excluded = expect.stringMatching(/^mapping\.exclude has line, .* \(did you mean "lines"\?\)$/);
    expect(planned).toMatchObject({
      stoppers: [{ what: 'NothingCopied', found: 'mapping.where leaves out every item of 60' }],
      warnings: [excluded, mistaken],
    });
    await expect(refresh({ pipeline })).rejects.toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ type: 'NothingCopied', message: expect.stringContaining(mistaken) }),
      }),
    );
    expect(await typesOf(schema, table)).toEqual({});

    const allowed = await refresh({ pipeline, definition: { ...definition, allowEmpty: true } });
    expect(allowed).toMatchObject({ status: 'replaced', items: 60, filtered: 60 });
    expect(allowed.notes).toEqual(expect.arrayContaining([excluded, mistaken]));
  });

  test('with a hash need the key before anything is read', async () => {
    const table = uniqueName('orders');
    await harness.createTable(table, items as never);
    const { pipeline } = harness.define(table, { mapping: { columns: { status: { hash: true } } } });
    await expect(refresh({ pipeline })).rejects.toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining('has no TRIBUTARY_HASH_KEY') }),
      }),
    );
  });
});
