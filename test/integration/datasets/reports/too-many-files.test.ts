import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { ALERT_KINDS } from '../../../../src/pipeline/alerts/alert-event.ts';
import { expectKinds, Receivers } from '../../pipeline/alert-receivers.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const receivers = new Receivers();
const days = ['2024-03-01', '2024-03-02'];
const ledger = new SeededLedger(29);
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  for (const day of days) ledger.add(day, { accounts: 4, most: 30 });
  graph = new KnownGraph(harness, { from: days[0]!, until: days[1]! }, {}, (datasets) => ({
    ...datasets,
    statements: {
      ...datasets.statements,
      checks: {},
      store: { format: 'tsv', filePer: 'account', maxFiles: 3 },
    },
  }));
  await receivers.open(harness);
  const events = ALERT_KINDS.filter((kind) => kind !== 'started' && kind !== 'succeeded');
  stop = await harness.startWorkers(receivers.in(graph.dependencies, { events }));
  for (const day of days) await graph.put(`${day}.gz`, ledger.of(day));
});
afterAll(() => stop());

const allow = (files: number) =>
  graph.configure((yaml) => yaml.replace(/maxFiles: \d+/, `maxFiles: ${files}`));

/** What builds have written; a failed one is noted for its alerts. */
const written = async () =>
  (await Array.fromAsync(harness.store.list(`${graph.files('statements').at.prefix}/`)))
    .map(({ key }) => key)
    .filter((key) => !key.includes('/_tributary/alerts/'));

const REASON =
  'it has 4 values in account, each with a file of its own; store.maxFiles is 3. ' +
  'It is not built. Set a greater store.maxFiles, or a store.filePer with fewer values.';

test('a build that would have more text files than maxFiles writes nothing, and succeeds once there may be as many', async () => {
  const run = await graph.start();
  const waiting = await until(
    () => run.query<GraphProgress>('progress'),
    ({ phase }) => phase === 'waiting',
  );
  expect(waiting.unfinished).toMatchObject([
    {
      ...{ dataset: 'statements', partition: '2024-03', state: 'failed' },
      reason: `TooManyFiles: statements 2024-03: ${REASON}`,
    },
  ]);
  expect(await written()).toEqual([]);

  allow(4);
  await run.executeUpdate('retry');
  expect(await run.result()).toMatchObject({ built: 2 + 1 + 1, unfinished: [] });
  expect(Object.keys((await graph.statements()).texts['2024-03'] ?? {})).toHaveLength(4);
});

test('a partition that has more than maxFiles allows now stops the plan; a run builds all else, and ends', async () => {
  allow(3);
  // It is complete: it stays.
  expect(await graph.plan()).toMatchObject({ totals: { complete: 6, failed: 0 }, partitions: [] });

  const [first, ...others] = ledger.of(days[1]!);
  await graph.put(`${days[1]}.gz`, [{ ...first!, amount: '7777.77' }, ...others]);
  await graph.run({ datasets: ['transactions'], only: true });
  const before = await written();
  expect((await graph.plan()).partitions).toMatchObject([
    { dataset: 'daily_stats', partition: days[1], state: 'ready' },
    { dataset: 'monthly_stats', partition: '2024-03', state: 'waits' },
    { dataset: 'statements', partition: '2024-03', state: 'failed', reason: REASON },
  ]);
  expect(await graph.run()).toMatchObject({
    built: 2,
    unfinished: [{ dataset: 'statements', partition: '2024-03', state: 'failed', reason: REASON }],
    publications: [{ isNew: false }],
  });
  expect((await written()).filter((key) => key.includes('/files/'))).toEqual(
    before.filter((key) => key.includes('/files/')),
  );

  allow(4);
  expect(await graph.run()).toMatchObject({ built: 1, unfinished: [] });
  const events = await expectKinds(receivers, 'statements', 'waiting', 'recovered', 'waiting', 'recovered');
  for (const waits of [events[0], events[2]])
    expect(waits).toMatchObject({ code: 'TooManyFiles', cause: expect.stringContaining(REASON) });
  expect(events[2]).toMatchObject({
    what: '1 partition of statements has more text files than store.maxFiles, and is not built.',
    commands: ['tributary dataset run statements'],
  });
});
