import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { LineageDefinition } from '../../../../src/pipeline/lineage/lineage-definition.ts';
import { RunEvent } from '../../../../src/pipeline/lineage/run-event.ts';
import { AlertReceiver } from '../../pipeline/alert-receiver.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { testStack } from '../../setup/stack.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const endpoint = new AlertReceiver();
const ledger = new SeededLedger(11);
const days = ['2024-02-29', '2024-03-01'];
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  await endpoint.open();
  harness.onClose(() => endpoint.close());
  for (const day of days) ledger.add(day, { accounts: 2, least: 1, most: 3 });
  graph = new KnownGraph(harness, { from: days[0] as string, until: days[1] as string });
  const { dependencies } = graph;
  const definition = LineageDefinition.parse({ urlFrom: 'URL', namespace: 'test' });
  stop = await harness.startWorkers({
    ...dependencies,
    alerts: {
      ...dependencies.alerts,
      lineage: async () => definition,
      secret: (variable) => (variable === 'URL' ? endpoint.url('/api/v1/lineage') : undefined),
    },
  });
  for (const day of days) await graph.put(`${day}.gz`, ledger.of(day));
}, 120_000);
afterAll(() => stop());

/** What the endpoint accepted since a number of requests, once there are so many. */
const accepted = async (from: number, events: number) =>
  (
    await until(
      async () => endpoint.received.filter(({ status }) => status === 204).slice(from),
      (all) => all.length >= events,
    )
  ).map(({ body }) => RunEvent.parse(JSON.parse(body)));
const endOf = (events: readonly RunEvent[], job: string) => {
  const own = events.filter(({ job: { name } }) => name === job);
  expect(own.map(({ eventType }) => eventType)).toContain('START');
  expect(new Set(own.map(({ run }) => run.runId)).size).toBe(1);
  return own.find(({ eventType }) => eventType !== 'START') as RunEvent;
};
const partitions = (column: string, values: readonly string[]) => ({
  type: 'partition',
  partitions: values.map((value) => ({ dimensions: { [column]: value } })),
});

test('each dataset of a run has START and COMPLETE, with the partitions that were read and written, after a refusal', async () => {
  let refusals = 1;
  endpoint.answer = () => (refusals-- > 0 ? 500 : 204);
  await graph.run();
  const events = await accepted(0, 2 * 5);
  expect(events).toHaveLength(10);
  const { bucket } = testStack().s3;
  const place = (name: string) => ({ namespace: `s3://${bucket}`, name: `${graph.name}-tables/${name}` });

  const source = endOf(events, 'datasets.transactions');
  expect(source.eventType).toBe('COMPLETE');
  expect(source.inputs).toEqual([{ namespace: `s3://${bucket}`, name: `${graph.name}-raw` }]);
  expect(source.outputs).toMatchObject([
    {
      ...place('transactions'),
      outputFacets: {
        outputStatistics: { rowCount: days.flatMap((day) => ledger.of(day)).length },
        subset: { outputCondition: partitions('day', days) },
      },
    },
  ]);
  const daily = endOf(events, 'datasets.daily_stats');
  expect(daily.inputs).toMatchObject([
    { ...place('transactions'), inputFacets: { subset: { inputCondition: partitions('day', days) } } },
  ]);
  expect(daily.outputs[0]?.facets.schema.fields).toContainEqual({ name: 'credits', type: 'decimal(18,2)' });
  const statements = endOf(events, 'datasets.statements');
  expect(statements).toMatchObject({
    inputs: [
      {
        ...place('monthly_stats'),
        inputFacets: { subset: { inputCondition: partitions('month', ['2024-02', '2024-03']) } },
      },
    ],
    outputs: [place('statements')],
  });
  const whole = endOf(events, 'graph.all');
  expect(whole).toMatchObject({ eventType: 'COMPLETE', inputs: [], outputs: [] });
  expect(statements.run.facets?.parent?.run.runId).toBe(whole.run.runId);
}, 240_000);

test('a dataset of which a partition failed has FAIL with the reason; what was not built has no events', async () => {
  endpoint.answer = () => 204;
  const before = endpoint.received.filter(({ status }) => status === 204).length;
  graph.step('statements.sql', (sql) => `${sql} HAVING error('no') IS NULL`);
  const run = await graph.start({ datasets: ['statements'] });
  await until(
    () => run.query<GraphProgress, []>('progress'),
    ({ phase }) => phase === 'waiting',
  );
  await run.signal('finish');
  await run.result();
  const events = await accepted(before, 4);
  expect(new Set(events.map(({ job }) => job.name))).toEqual(
    new Set(['datasets.statements', 'graph.statements']),
  );
  const failed = endOf(events, 'datasets.statements');
  expect(failed).toMatchObject({ eventType: 'FAIL', outputs: [] });
  expect(failed.run.facets?.errorMessage?.message).toMatch(/^2024-02: StepFailed: /);
  expect(endOf(events, 'graph.statements').eventType).toBe('COMPLETE');
}, 240_000);
