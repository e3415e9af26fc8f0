import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../../src/contract/refresh.ts';
import type { Workflows } from '../../../../src/contract/workflows.ts';
import { ALERT_KINDS } from '../../../../src/pipeline/alerts/alert-event.ts';
import { valuesOf } from '../../../../src/pipeline/datasets/graph/calendar.ts';
import { expectKinds, Receivers } from '../../pipeline/alert-receivers.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';
import { decimal, SeededLedger } from './seeded-ledger.ts';

const harness = withHarness();
const receivers = new Receivers();
const days = valuesOf('day', { first: '2024-02-26', last: '2024-03-03' });
const ledger = new SeededLedger(17);
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  for (const day of days) if (day !== '2024-03-02') ledger.add(day, { accounts: 5, most: 20 });
  graph = new KnownGraph(harness, { from: days[0] as string, until: days.at(-1) as string });
  await receivers.open(harness);
  stop = await harness.startWorkers(receivers.in(graph.dependencies, { events: ALERT_KINDS }));
  watch = await startWatch(60);
  for (const day of days) if (ledger.of(day).length > 0) await graph.put(`${day}.gz`, ledger.of(day));
}, 120_000);
afterAll(() => stop());

let watch: Awaited<ReturnType<typeof startWatch>>;
/** Whether all datasets are built within a time from now. */
const startWatch = (finishWithinSeconds: number) =>
  harness.client.workflow.start<Workflows['watchSchedule']>('watchSchedule', {
    ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName('watch') },
    args: [{ schedule: 'nightly', pipeline: 'datasets', datasets: 'all', finishWithinSeconds }],
  });

/** What a report says, by the ledger itself. */
const stats = (periods: readonly string[]) =>
  periods.flatMap((period) =>
    [...ledger.totals(period)]
      .toSorted(([a], [b]) => a - b)
      .map(([account, { credits, debits, transactions }]) =>
        [period, account, decimal(credits), decimal(debits), transactions].join(' '),
      ),
  );
const balances = async () =>
  (await graph.rows('statements')).map((row) => row.split(' ').slice(0, 3).join(' '));
const balancesOf = (months: readonly string[]) =>
  months.flatMap((month) =>
    [...ledger.balances(month)]
      .toSorted(([a], [b]) => a - b)
      .map(([account, balance]) => [month, account, balance].join(' ')),
  );

test('days that are expected and not there are reported, and block what reads them', async () => {
  expect(await graph.run({ withoutFiles: true })).toMatchObject({
    built: 0,
    totals: { complete: 0, ready: 0 },
  });
  const [missing] = await expectKinds(receivers, 'transactions', 'missing');
  expect(missing).toMatchObject({
    ...{ isDataset: true, commands: ['tributary dataset run transactions'] },
    what: '7 expected partitions of transactions are missing. What reads them is not built.',
    cause: '2024-02-26\n2024-02-27\n2024-02-28\n2024-02-29\n2024-03-01\nand 2 more',
  });
}, 120_000);

test('statistics and statements equal the ledger to the cent, in any order of its days', async () => {
  expect(await graph.run()).toMatchObject({
    built: 7 + 2 + 2 + 1,
    unfinished: [],
    warnings: ['2024-02', '2024-03'].map((month) => `statements ${month}: few: 1 row, e.g. {"rows":5}`),
    totals: { complete: 7 + 7 + 2 + 2 },
    publications: [{ publication: 'accounting', number: 1, isNew: true, incomplete: [] }],
  });
  expect(await graph.rows('daily_stats')).toEqual(stats(days));
  expect(await graph.rows('monthly_stats')).toEqual(stats(['2024-02', '2024-03']));
  expect(await balances()).toEqual(balancesOf(['2024-02', '2024-03']));
  expect(await graph.run()).toMatchObject({
    ...{ built: 0, unchanged: 0 },
    publications: [{ publication: 'accounting', number: 1, isNew: false }],
  });
}, 300_000);

test('a correction rebuilds its day, its month and the statements that read it, and nothing else', async () => {
  const before = await graph.revisions();
  ledger.correct('2024-03-01', 0, 12_345_678_901n);
  await graph.put('2024-03-01.gz', ledger.of('2024-03-01'));
  const changed = ['daily_stats 2024-03-01', 'monthly_stats 2024-03', 'statements 2024-03'];
  expect(await graph.run()).toMatchObject({
    ...{ built: 3, unchanged: 0 },
    publications: [{ number: 2, isNew: true }],
  });
  const after = await graph.revisions();
  expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual([
    'transactions 2024-03-01',
    ...changed,
  ]);
  expect(await graph.rows('daily_stats')).toEqual(stats(days));
  expect(await graph.rows('monthly_stats')).toEqual(stats(['2024-02', '2024-03']));
}, 300_000);

test('a published number is explained, also after a correction', async () => {
  const months = (generations: readonly [number, boolean][]) =>
    generations.map(([generation, isSuperseded], index) => ({
      ...{ dataset: 'monthly_stats', partition: `2024-0${index + 2}`, generation, isSuperseded },
      isReference: false,
    }));
  const before = await graph.explain('statements', '2024-03', 1);
  expect(before).toMatchObject({
    generation: 1,
    rows: 5,
    inputs: months([
      [1, false],
      [1, true],
    ]),
  });
  const now = await graph.explain('statements', '2024-03');
  expect(now).toMatchObject({
    generation: 2,
    inputs: months([
      [1, false],
      [2, false],
    ]),
  });
  expect(now.code).toBe(before.code);
  expect(await graph.explain('transactions', '2024-03-01')).toMatchObject({
    generation: 2,
    files: 1,
    inputs: [],
  });
  await expect(graph.explain('statements', '2024-04')).rejects.toMatchObject({
    cause: { message: expect.stringContaining('statements 2024-04 is not published') },
  });
}, 120_000);

test('what has the same rows after all stops there: its pointer names what it was built from now', async () => {
  const before = await graph.revisions();
  // Another order in the file, and another number: the statistics of the day are the same.
  const renumbered = ledger.of('2024-03-01').map((each) => ({ ...each, id: each.id + 1000 }));
  await graph.put('2024-03-01.gz', renumbered.toReversed());
  expect(await graph.run()).toMatchObject({ built: 0, unchanged: 1 });
  const after = await graph.revisions();
  expect(after['daily_stats 2024-03-01']).toBe('3 2');
  expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual([
    'transactions 2024-03-01',
    'daily_stats 2024-03-01',
  ]);
  expect(await graph.run()).toMatchObject({ built: 0, unchanged: 0 });
}, 300_000);

test('a deleted file is written again, and the plan says so', async () => {
  const { store } = harness;
  for await (const { key } of store.list(`${graph.files('monthly_stats').at.prefix}/month=2024-02/`))
    await store.delete([key]);
  expect((await graph.plan()).partitions).toEqual([
    {
      ...{ dataset: 'monthly_stats', partition: '2024-02', state: 'ready' },
      reason: 'its files are missing or changed',
    },
    ...['2024-02', '2024-03'].map((partition) => ({
      ...{ dataset: 'statements', partition, state: 'waits', reason: 'if monthly_stats 2024-02 changes' },
    })),
  ]);
  expect(await graph.run({ withoutFiles: true })).toMatchObject({ built: 1 });
  expect(await graph.rows('monthly_stats')).toEqual(stats(['2024-02', '2024-03']));
}, 300_000);

test('a comment changes nothing; a changed step waits for an approval above maxRebuild', async () => {
  graph.step('daily-stats.sql', (sql) => `-- by account\n${sql}`);
  expect((await graph.plan()).partitions).toEqual([]);
  graph.step('daily-stats.sql', (sql) => sql.replace('count(*)', 'count(*) + 0'));
  const held = await graph.plan();
  expect(held.totals).toMatchObject({ held: 7, ready: 0, complete: 7 + 4 });
  expect(held.partitions[0]?.reason).toMatch(/^7 partitions are stale by code/);
  expect(await graph.run({ withoutFiles: true })).toMatchObject({
    built: 0,
    unchanged: 0,
    totals: { held: 7 },
  });
  await graph.approve('daily_stats');
  expect(await graph.run({ withoutFiles: true })).toMatchObject({
    built: 0,
    unchanged: 7,
    totals: { held: 0 },
  });
}, 300_000);

test('a failed partition leaves the others running, and is built once it can be', async () => {
  const fails = (sql: string) => `${sql} HAVING error(CASE WHEN account = 1 THEN 'account 1' END) IS NULL`;
  graph.step('statements.sql', fails);
  const run = await graph.start({ datasets: ['statements'] });
  const progress = await until(
    () => run.query<GraphProgress, []>('progress'),
    ({ phase }) => phase === 'waiting',
  );
  expect(progress).toMatchObject({
    totals: { failed: 2 },
    unfinished: [
      { dataset: 'statements', partition: '2024-02', reason: expect.stringContaining('StepFailed') },
      { dataset: 'statements', partition: '2024-03' },
    ],
  });
  expect(await graph.publish()).toMatchObject({ isNew: false, incomplete: [{ dataset: 'statements' }, {}] });
  const accept = { dataset: 'statements', reason: 'agreed with accounting' };
  const { number: accepted } = await graph.publish([accept]);
  expect(await graph.explain('statements', '2024-02', accepted)).toMatchObject({
    ...{ generation: 1, accepted: 'agreed with accounting' },
  });
  graph.step('statements.sql', (sql) => sql.replace('credits - debits', 'credits - debits) - sum(0.01'));
  await run.signal('retry');
  const checked = await until(
    () => run.query<GraphProgress, []>('progress'),
    ({ phase, unfinished: [first] }) => phase === 'waiting' && first?.reason.includes('Checks') === true,
  );
  expect(checked.unfinished[0]?.reason).toMatch(
    /^PartitionChecksFailed: statements 2024-02 is not published, because checks do not hold: control: 1 row/,
  );
  graph.step('statements.sql');
  await run.signal('retry');
  expect(await run.result()).toMatchObject({
    totals: { failed: 0, complete: 7 + 7 + 2 + 2 },
    publications: [{ isNew: true, incomplete: [] }],
  });
}, 300_000);

test('a schedule is late if no run has built everything since it was due; what happened was reported once', async () => {
  expect(await watch.result()).toMatchObject({ late: false });
  expect(await (await startWatch(1)).result()).toMatchObject({ late: true });
  await graph.run();
  const reported = async (name: string, last: string) =>
    (
      await until(
        async () => receivers.accepted(name),
        (all) => all.at(-1)?.kind === last,
      )
    ).filter(({ code, kind }) => kind !== 'checkFailed' || code !== undefined);
  const ofRuns = (await reported('datasets', 'recovered')).map(({ kind }) => kind);
  expect(new Set(ofRuns)).toEqual(new Set(['started', 'succeeded', 'late', 'recovered']));
  expect(ofRuns.filter((kind) => kind === 'late' || kind === 'recovered')).toEqual(['late', 'recovered']);
  const [, back] = await expectKinds(receivers, 'transactions', 'missing', 'recovered');
  expect(back?.resolves).toHaveLength(1);
  const [held] = await expectKinds(receivers, 'daily_stats', 'waiting', 'recovered');
  expect(held?.commands).toEqual([
    'tributary dataset approve daily_stats',
    'tributary dataset run daily_stats',
  ]);
  const ofStatements = await reported('statements', 'recovered');
  expect(ofStatements.filter(({ kind }) => kind !== 'started' && kind !== 'succeeded')).toMatchObject([
    { kind: 'waiting', code: 'StepFailed', waits: true, commands: ['tributary dataset retry'] },
    { kind: 'checkFailed', code: 'PartitionChecksFailed', waits: true },
    { kind: 'recovered', resolves: [expect.any(String), expect.any(String)] },
  ]);
}, 300_000);
