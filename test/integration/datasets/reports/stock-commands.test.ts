import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { read, shellLines } from '../../../unit/docs/pages.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { Operator } from '../../pipeline/operator.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

/** The commands of Temporal's CLI in the pages about datasets, as they are written there, but for names and months. */
const written = ['docs/reports.md', 'docs/datasets.md']
  .flatMap((page) => shellLines(read(page)))
  .filter((line) => line.startsWith('temporal '))
  .map((line) => line.replaceAll(/2026-\d\d/g, '2024-03').replaceAll('access_records', 'transactions'));

const harness = withHarness();
const operator = new Operator(harness);
const ledger = new SeededLedger(23);
const day = '2024-03-01';
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  ledger.add(day, { accounts: 2, least: 1, most: 3 });
  const catalogue = { kind: 'glue', database: uniqueName('db') } as const;
  graph = new KnownGraph(harness, { from: day, until: day }, { catalogue }, ({ statements, ...others }) => ({
    ...others,
    statements: { ...statements, store: { format: ['parquet'] }, checks: {} },
  }));
  stop = await harness.startWorkers(graph.dependencies);
  await graph.put(`${day}.gz`, ledger.of(day));
}, 120_000);
afterAll(() => stop());

const ran = new Set<string>();
/** Runs the command that has these words. @returns what it prints, as JSON if it can print that */
async function type(...having: string[]): Promise<unknown> {
  const found = written.filter((line) => having.every((word) => line.includes(word)));
  expect({ having, found }).toEqual({ having, found: [expect.any(String)] });
  const [line = ''] = found;
  ran.add(line);
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const isSignal = words[2] === 'signal';
  const said = await operator.temporal(...words.slice(1), ...(isSignal ? [] : ['--output', 'json']));
  return isSignal ? said : JSON.parse(said);
}
const handle = (workflowId: string) => harness.client.workflow.getHandle(workflowId);
const waiting = () =>
  until(
    () => handle('graph/all/now').query<GraphProgress, []>('progress'),
    ({ phase }) => phase === 'waiting',
  );

test('the commands of the pages do what the pages say', async () => {
  expect(await type('--type refreshDataset')).toMatchObject({ workflowId: 'dataset/transactions/now' });
  expect(await handle('dataset/transactions/now').result()).toMatchObject({ partitions: 1, failed: [] });
  await type('--type updateCatalogue');
  expect(await handle('catalogue/transactions').result()).toMatchObject({ partitions: 1 });

  expect(await type('--type planDatasets')).toMatchObject({
    status: 'COMPLETED',
    result: { totals: { complete: 1, ready: 1, waits: 2 } },
  });
  expect(await type('--type approveStep')).toMatchObject({
    result: { dataset: 'daily_stats', code: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });

  // What was never built cannot be accepted.
  await graph.run({ withoutFiles: true });
  graph.step('statements.sql', (sql) => `${sql} HAVING error('no') IS NULL`);
  expect(await type('--type refreshGraph')).toMatchObject({ workflowId: 'graph/all/now' });
  await waiting();
  // By itself, a partition is built once; here it is complete.
  expect(await type('--type buildPartition')).toMatchObject({
    workflowId: 'build/monthly_stats/month=2024-03',
  });
  expect(await handle('build/monthly_stats/month=2024-03').result()).toMatchObject({ isUnchanged: true });

  const failures = async () => {
    const { events } = await handle('graph/all/now').fetchHistory();
    return (events ?? []).filter((event) => event.childWorkflowExecutionFailedEventAttributes).length;
  };
  const before = await failures();
  await type('--name retry');
  await until(failures, (now) => now > before);
  await waiting();
  await type('--name accept');
  expect(await handle('graph/all/now').result()).toMatchObject({
    unfinished: [],
    warnings: [expect.stringMatching(/^statements 2024-03: accepted as it was built last/)],
  });
  expect([...ran].toSorted()).toEqual(written.toSorted());
}, 240_000);
