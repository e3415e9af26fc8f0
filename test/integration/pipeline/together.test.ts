import { beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { refreshWarehouse } from '../../../src/workflows/refresh/refresh-warehouse.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

describe('concurrent runs', () => {
  const harness = withHarness();
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 300 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        list: { L: [{ N: '1' }, { N: String(i) }] },
      })),
    );
    await harness.startWorkers();
  });

  async function expectWhole(schema: string, run: string) {
    expect(await harness.rowsOf(schema, table)).toHaveLength(300);
    expect(await harness.rowsOf(schema, `${table}__list`)).toHaveLength(600);
    expect(await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`)).toEqual([{ run }]);
  }

  test('of two concurrent runs of one pipeline, the one extracted later is live in the end', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const handles = await Promise.all([1, 2, 3].map(() => harness.start({ pipeline })));
    const ended = await Promise.allSettled(handles.map((handle) => handle.result()));
    const replaced = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    const refused = ended.flatMap((end) =>
      end.status === 'rejected' ? [end.reason.cause.type as string] : [],
    );
    expect(replaced.length).toBeGreaterThan(0);
    expect(refused.filter((type) => type !== 'OlderThanLive')).toEqual([]);
    const plans = await Promise.all(
      replaced.map(async ({ run }) => ({
        run,
        marker: (await harness.store.get(`test-runs/${pipeline}/runs/${run}/plan.json`))?.body,
      })),
    );
    const plannedAt = (plan: (typeof plans)[number]) =>
      String(JSON.parse(Buffer.from(plan.marker as Uint8Array).toString('utf8')).plannedAt);
    const latest = plans.map(plannedAt).sort().at(-1);
    const [live] = await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`);
    // Both may have been planned in the same millisecond: then neither is older.
    expect(plans.filter((plan) => plannedAt(plan) === latest).map(({ run }) => run)).toContain(live?.run);
    await expectWhole(schema, live?.run as string);
  });

  test('of two pipelines into one schema, the first to replace owns it and the other is refused', async () => {
    const one = harness.define(table, { source: { segments: 2 } });
    const two = harness.define(table, { source: { segments: 2 }, warehouse: { schema: one.schema } });
    const handles = await Promise.all([one, two].map(({ pipeline }) => harness.start({ pipeline })));
    const ended = await Promise.allSettled(handles.map((handle) => handle.result()));
    const replaced = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    const refused = ended.flatMap((end) =>
      end.status === 'rejected' ? [end.reason.cause.type as string] : [],
    );
    expect(refused).toEqual(['OtherPipeline']);
    expect(replaced).toHaveLength(1);
    await expectWhole(one.schema, replaced[0]?.run as string);
  });

  test('a nightly start with a fixed workflow id creates a new run each night', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const night = () =>
      harness.client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
        taskQueue: CONTROL_TASK_QUEUE,
        workflowId: `nightly-${pipeline}`,
        args: [{ pipeline }],
      });
    const first = await night();
    const second = await night();
    expect(second.run).not.toBe(first.run);
    await expectWhole(schema, second.run);
  });
});
