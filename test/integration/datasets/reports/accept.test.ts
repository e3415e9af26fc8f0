import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { command } from '../../cli/command-line.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const ledger = new SeededLedger(31);
const days = { from: '2024-01-30', until: '2024-02-02' };
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  for (const day of ['2024-01-30', '2024-01-31', '2024-02-01'])
    ledger.add(day, { accounts: 2, least: 1, most: 3 });
  graph = new KnownGraph(harness, days);
  for (const day of ['2024-01-30', '2024-01-31', '2024-02-01']) await put(day);
  stop = await harness.startWorkers(graph.dependencies);
}, 120_000);
afterAll(() => stop());

const put = (day: string) => graph.put(`${day}.gz`, ledger.of(day));
const cli = (...words: string[]) =>
  command(['dataset', ...words], {
    ...graph.environment,
    TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
  });
const because = ['--reason', 'agreed with accounting'];
/** A run in which this step fails for what account 1 has, and waits for an operator. */
async function failing(file: Parameters<KnownGraph['step']>[0]) {
  graph.step(file, (sql) => `${sql} HAVING error(CASE WHEN account = 1 THEN 'account 1' END) IS NULL`);
  const run = await graph.start();
  await until(
    () => run.query<GraphProgress, []>('progress'),
    ({ phase }) => phase === 'waiting',
  );
  return run;
}

test('what was never built cannot be accepted, nor what has not failed', async () => {
  const run = await failing('statements.sql');
  const refused = async (member: string) => {
    const { code, stderr } = await cli('accept', member, '--run', run.workflowId, ...because);
    return { code, stderr };
  };
  expect(await refused('statements/2024-01')).toEqual({
    code: 1,
    stderr: expect.stringContaining(
      'statements/2024-01 cannot be accepted as built last, because nothing was ever built of it',
    ),
  });
  expect(await refused('statements/2024-99')).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /nothing of statements\/2024-99 has failed in this run; these have: statements\/2024-01, statements\/2024-02/,
    ),
  });
  graph.step('statements.sql');
  await run.signal('retry');
  expect(await run.result()).toMatchObject({ totals: { failed: 0 }, publications: [{ number: 1 }] });
}, 240_000);

test('what depends on an accepted partition is built from it as it is; the group appears, and explains it', async () => {
  ledger.add('2024-02-02', { accounts: 2, least: 1, most: 3 });
  await put('2024-02-02');
  const before = await graph.rows('monthly_stats');
  const run = await failing('monthly-stats.sql');
  expect(await cli('accept', 'monthly_stats', ...because)).toMatchObject({ code: 0 });
  const result = await run.result();
  expect(result).toMatchObject({
    totals: { failed: 0, blocked: 0, waits: 0, ready: 0 },
    unfinished: [],
    publications: [{ incomplete: [] }],
    warnings: [
      expect.stringContaining('monthly_stats: accepted as it was built last: agreed with accounting'),
    ],
  });
  expect(await graph.rows('monthly_stats')).toEqual(before);
  const number = result.publications[0]?.number;
  expect(await graph.explain('monthly_stats', '2024-02', number)).toMatchObject({
    accepted: 'agreed with accounting',
  });
  expect(await graph.explain('statements', '2024-02', number)).toMatchObject({
    accepted: expect.stringMatching(
      /^built from monthly_stats 2024-\d\d, which was accepted: agreed with accounting$/,
    ),
  });
}, 240_000);
