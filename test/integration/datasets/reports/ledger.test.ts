import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decimal, SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { WatchScheduleResult } from '../../../../src/contract/alerts.ts';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../../src/contract/refresh.ts';
import { ALERT_KINDS } from '../../../../src/pipeline/alerts/alert-event.ts';
import { valuesOf } from '../../../../src/pipeline/datasets/graph/calendar.ts';
import { command } from '../../cli/command-line.ts';
import { expectKinds, Receivers } from '../../pipeline/alert-receivers.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

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
  for (const day of days) if (ledger.of(day).length > 0) await graph.put(`${day}.gz`, ledger.of(day));
});
afterAll(() => stop());

/** Looks in a second whether all datasets have been built since a schedule was due. @param due default: now */
async function watch(due?: Date): Promise<WatchScheduleResult> {
  const { schedule, workflow } = harness.client;
  const [workflowId, taskQueue, workflowType] = [uniqueName('watch'), CONTROL_TASK_QUEUE, 'watchSchedule'];
  const watched = { schedule: 'nightly', pipeline: 'datasets', datasets: 'all', finishWithinSeconds: 1 };
  if (due === undefined) return workflow.execute(workflowType, { taskQueue, workflowId, args: [watched] });
  const handle = await schedule.create({
    ...{ scheduleId: workflowId, spec: { intervals: [{ every: '1m' }] }, state: { paused: true } },
    action: { type: 'startWorkflow', workflowType, taskQueue, workflowId, args: [watched] },
  });
  await handle.backfill({ start: new Date(due.getTime() - 60_000), end: due });
  const [started] = await until(
    async () => (await handle.describe()).info.recentActions,
    (actions) => actions.length > 0,
  );
  await handle.delete();
  return workflow.getHandle(started!.action.workflow.workflowId).result();
}
const beganAt = new Date();

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
});

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
});

test('a correction rebuilds its day, its month and the statements that read it, and nothing else', async () => {
  const before = await graph.revisions();
  const { names } = await graph.statements();
  ledger.correct('2024-03-01', 0, 12_345_678_901n);
  await graph.put('2024-03-01.gz', ledger.of('2024-03-01'));
  const changed = ['daily_stats 2024-03-01', 'monthly_stats 2024-03', 'statements 2024-03'];
  expect(await graph.run()).toMatchObject({
    ...{ built: 3, unchanged: 0, plan: expect.stringMatching(/^s3:.*_tributary\/plans\/.*\.json$/) },
    publications: [{ number: 2, isNew: true }],
  });
  const after = await graph.revisions();
  expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual([
    'transactions 2024-03-01',
    ...changed,
  ]);
  expect(await graph.rows('daily_stats')).toEqual(stats(days));
  expect(await graph.rows('monthly_stats')).toEqual(stats(['2024-02', '2024-03']));
  // Of the statements, which have a file per account, only that of the account was put.
  const put = (await graph.statements()).names.filter((name) => !names.includes(name));
  expect(put).toEqual([expect.stringMatching(`^${ledger.of('2024-03-01')[0]?.account}/[0-9a-f]{32}-`)]);
  expect(names).toHaveLength(10);
});

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
});

test('rows are printed and compared, as they are and as publications have them', async () => {
  const cli = (...words: string[]) => command(['dataset', ...words], graph.environment);
  const { account } = ledger.of('2024-03-01')[0] as { account: number };
  const { texts } = await graph.statements();
  const current = await cli('get', 'statements', '2024-03', '--account', String(account));
  expect(current).toMatchObject({ code: 0, stdout: texts['2024-03']?.[account] });
  const first = await cli(
    'get',
    'statements',
    '2024-03',
    `--account=${account}`,
    '--publication',
    'accounting/1',
  );
  expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('generation 1-') });
  expect(first.stdout).not.toBe(current.stdout);
  expect(await cli('get', 'statements', '2024-03', '--account', '99')).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('statements 2024-03 has no row with account 99') },
  });
  // Parquet only: the same rows.
  const daily = (await graph.rows('daily_stats')).filter((row) => row.startsWith('2024-03-01 '));
  expect((await cli('get', 'daily_stats', '2024-03-01')).stdout.split('\n')).toEqual([
    'account\tcredits\tdebits\ttransactions',
    ...daily.map((row) => row.split(' ').slice(1).join('\t')),
    '',
  ]);

  const sql = 'SELECT month, sum(transactions) AS n FROM monthly_stats GROUP BY ALL ORDER BY ALL';
  const monthly = ['2024-02', '2024-03'].map((month) => {
    const of = [...ledger.totals(month).values()].map(({ transactions }) => transactions);
    return `${month},${of.reduce((sum, each) => sum + each, 0)}`;
  });
  expect((await cli('query', '--csv', sql)).stdout.split('\n')).toEqual(['month,n', ...monthly, '']);

  const [old = '', now = ''] = [first, current].map(({ stdout }) => stdout.split('\n')[1]?.split('\t')[1]);
  const changed = { from: { account: String(account), balance: old }, to: { balance: now } };
  const both = ['--publication', 'accounting/1', 'accounting/2'];
  // Without a key, that of `filePer`.
  for (const which of [both, ['--from', '1', '--to', '2', '--key', 'account'], []]) {
    const { stdout } = await cli('diff', 'statements', '2024-03', ...which, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ added: [], removed: [], changed: [changed] });
  }
  const asTable = await cli('diff', 'statements', '2024-03');
  expect(asTable.stdout).toMatch(/^statements 2024-03: 1-\w+ to 2-\w+: 1 changed, 0 added, 0 removed\n/);
  expect(asTable.stdout).toContain(`${old} → ${now}`);
  const ofTable = await cli('diff', 'monthly_stats', '2024-03', '--json');
  expect(JSON.parse(ofTable.stdout)).toMatchObject({
    ...{ added: [{ account: String(account) }], removed: [{ account: String(account) }], changed: [] },
  });
});

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
});

/** The rows of statements as their files have them. */
const statementFiles = (rows: readonly string[]) => {
  const texts: Record<string, Record<string, string>> = {};
  for (const row of rows) {
    const [month = '', ...fields] = row.split(' ');
    texts[month] = {
      ...texts[month],
      [fields[0] ?? '']: `account\tbalance\tmean_credit\n${fields.join('\t')}\n`,
    };
  }
  return texts;
};

test('a deleted file is written again, and the plan says so', async () => {
  const { names, texts } = await graph.statements();
  expect(texts).toEqual(statementFiles(await graph.rows('statements')));
  const directory = `${graph.files('statements').at.prefix}/files/month=2024-02/`;
  await harness.store.delete([directory + names.find((name) => name.startsWith('3/'))]);
  expect((await graph.plan()).partitions).toMatchObject([
    { dataset: 'statements', partition: '2024-02', reason: 'its files are missing or changed' },
  ]);
  expect(await graph.run({ withoutFiles: true })).toMatchObject({ built: 1 });
  const again = await graph.statements();
  expect(again.texts).toEqual(texts);
  // The others are those that were there.
  expect(again.names.filter((name) => !names.includes(name))).toHaveLength(1);
  const { store } = harness;
  for await (const { key } of store.list(`${graph.files('monthly_stats').at.prefix}/month=2024-02/`))
    await store.delete([key]);
  const { partitions, datasets } = await graph.plan();
  const durations = datasets.map((each) => [each.name, each.durations?.partitions.length ?? 0]);
  expect(durations).toEqual([
    ...[
      ['transactions', 0],
      ['daily_stats', days.length],
    ],
    ...[
      ['monthly_stats', 2],
      ['statements', 2],
    ],
  ]);
  expect(partitions).toEqual([
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
});

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
});

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
      {
        ...{ dataset: 'statements', partition: '2024-02', inputs: ['monthly_stats 2024-02'] },
        reason: expect.stringContaining('StepFailed'),
      },
      { dataset: 'statements', partition: '2024-03' },
    ],
  });
  expect(await graph.publish()).toMatchObject({ isNew: false, incomplete: [{ dataset: 'statements' }, {}] });
  const accept = { dataset: 'statements', reason: 'agreed with accounting' };
  const { number: accepted } = await graph.publish([accept]);
  expect(await graph.explain('statements', '2024-02', accepted)).toMatchObject({
    ...{ generation: 2, accepted: 'agreed with accounting' },
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
});

test('a schedule is late if no run has built everything since it was due; what happened was reported once', async () => {
  // Temporal's list may lag behind the runs.
  await until(
    () => harness.client.workflow.count('WorkflowType = "refreshGraph" AND ExecutionStatus = "Running"'),
    ({ count }) => count === 0,
  );
  expect(await watch(beganAt)).toMatchObject({ late: false });
  expect(await watch()).toMatchObject({ late: true });
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
});

test('March is explained in October: publications keep all that they were built from, until their time is over', async () => {
  const { store } = harness;
  const at = graph.files('statements').at.prefix;
  const planted = [
    `${at}/month=2024-03/gen-00099-dead/0000.parquet`,
    `${at}/files/month=2024-03/1/dead.tsv`,
    `${at}/_tributary/partitions/month=2024-03/built-dead.json`,
  ];
  for (const key of planted) await store.put(key, 'x');
  const keys = async () =>
    new Set((await Array.fromAsync(store.list(`${graph.name}-tables/`))).map(({ key }) => key));
  const chain = async (number: number) =>
    Promise.all([
      graph.explain('statements', '2024-03', number),
      graph.explain('monthly_stats', '2024-03', number),
      graph.explain('daily_stats', '2024-03-01', number),
      graph.explain('transactions', '2024-03-01', number),
    ]);
  const [first, last] = [await chain(1), (await graph.publish()).number ?? 0];
  expect(first.map(({ generation }) => generation)).toEqual([1, 1, 1, 1]);
  const { texts } = await graph.statements();
  const before = await keys();

  await graph.prune(200);
  const after = await keys();
  expect(planted.filter((key) => after.has(key))).toEqual([]);
  // Of earlier generations, nothing else is gone.
  expect([...before].filter((key) => !after.has(key) && /\/(?:gen-|files\/)/.test(key))).toEqual(
    planted.slice(0, 2).toSorted(),
  );
  expect(await chain(1)).toEqual(first);
  const march = await command(
    ['dataset', 'get', 'statements', '2024-03', '--publication', 'accounting/1'],
    graph.environment,
  );
  expect(march).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^account\tbalance\tmean_credit\n(?:\d+\t.+\n){5}$/),
  });

  const proof = (...words: string[]) =>
    command(['dataset', 'explain', ...words, '--publication', 'accounting/1', '--recompute'], {
      ...graph.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
  for (const words of [
    // Files of an earlier month were deleted above, which the statements were made of.
    ['monthly_stats', '2024-03'],
    ['daily_stats', '2024-03-01'],
  ])
    expect(await proof(...words)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/recomputed from these: the same rows\n$/),
    });

  await graph.prune(8 * 366);
  await expect(graph.explain('statements', '2024-03', 1)).rejects.toMatchObject({
    cause: { message: expect.stringContaining('Generation 1 of statements 2024-03 is not there any more') },
  });
  const current = await chain(last);
  // The statements read February as it was before its files were written again, with the same rows: that stays, too.
  expect(current[0]).toMatchObject({ rows: 5, inputs: [{ generation: 1, isSuperseded: true }, {}] });
  expect(await graph.explain('monthly_stats', '2024-02', undefined, '1')).toMatchObject({ rows: 5 });
  expect((await graph.statements()).texts).toEqual(texts);
  // One file per account and month: those of earlier generations are gone.
  expect((await graph.statements()).names).toHaveLength(10);
  expect((await graph.plan()).totals).toMatchObject({ complete: 7 + 7 + 2 + 2, ready: 0, blocked: 0 });
});
