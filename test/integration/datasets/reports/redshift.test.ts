import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decimal, SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { GraphProgress, RefreshGraphInput } from '../../../../src/contract/datasets/graph.ts';
import { valuesOf } from '../../../../src/pipeline/datasets/graph/calendar.ts';
import { createLockTable, initLock } from '../../../../src/pipeline/merge/lock-table.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { testStack } from '../../setup/stack.ts';
import { WriteGates } from '../write-gates.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const days = valuesOf('day', { first: '2024-02-28', last: '2024-03-02' });
const ledger = new SeededLedger(29);
const schema = uniqueName('s').replaceAll('-', '_');
/** A table as a loader leaves it: beside it is the row that its batches count up. */
const landing = { schema: `${schema}_landing`, table: 'orders' };
const gates = new WriteGates();
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

const STATS = `
  -- By account.
  SELECT account, sum(CASE WHEN kind = 'credit' THEN amount ELSE 0 END) AS credits,
    sum(CASE WHEN kind = 'debit' THEN amount ELSE 0 END) AS debits, count(*) AS transactions
  FROM transactions GROUP BY account;`;

beforeAll(async () => {
  for (const day of days) ledger.add(day, { accounts: 5, most: 20 });
  const { workgroup, database } = testStack().redshiftData;
  const iamRole = 'arn:aws:iam::123456789012:role/copy';
  const inTable = (table: string) => ({
    engine: 'redshift',
    warehouse: { workgroup, database, schema, table, iamRole },
  });
  const expected = { from: days[0] as string, until: days.at(-1) as string };
  graph = new KnownGraph(harness, expected, {}, (datasets) => ({
    ...datasets,
    daily_stats: {
      ...{ ...datasets.daily_stats, ...inTable('daily_stats'), sql: './daily-redshift.sql' },
      checks: {
        not_negative: { sql: 'SELECT * FROM result WHERE credits < 0' },
        all: {
          sql: `SELECT * FROM (SELECT count(*) AS wanted FROM transactions) AS t,
            (SELECT sum(transactions) AS found FROM result) AS r WHERE wanted <> found`,
        },
        few: { max: 1, severity: 'warn' },
      },
    },
    monthly_stats: { ...datasets.monthly_stats, ...inTable('monthly_stats') },
    order_stats: {
      ...{ ...inTable('order_stats'), sql: './orders.sql', inputs: { daily_stats: 'same-day' } },
      tables: { orders: { schema: landing.schema, table: landing.table } },
      columns: { account: 'bigint', orders: 'bigint' },
      partition: { column: 'day' },
    },
  }));
  graph.write(
    'orders.sql',
    'SELECT account, count(*) AS orders FROM orders JOIN daily_stats USING (account) GROUP BY account',
  );
  await harness.sql(`CREATE SCHEMA ${landing.schema}`);
  await harness.sql(
    `CREATE TABLE ${landing.schema}.${landing.table} (id INT, account BIGINT)`,
    `INSERT INTO ${landing.schema}.${landing.table} VALUES (1, 1), (2, 1), (3, 2)`,
    createLockTable({ ...landing, columns: [] }),
  );
  await harness.sql(...initLock({ ...landing, columns: [] }, 4711));
  graph.write('daily-redshift.sql', STATS);
  const { dependencies } = graph;
  stop = await harness.startWorkers({
    ...dependencies,
    store: (bucket) => gates.over(dependencies.store(bucket)),
  });
  for (const day of days) await graph.put(`${day}.gz`, ledger.of(day));
});
afterAll(() => stop());

const stats = (periods: readonly string[]) =>
  periods.flatMap((period) =>
    [...ledger.totals(period)]
      .toSorted(([a], [b]) => a - b)
      .map(([account, { credits, debits, transactions }]) =>
        [period, account, decimal(credits), decimal(debits), transactions].join(' '),
      ),
  );
/** What the table has. */
const inWarehouse = async (table: 'daily_stats' | 'monthly_stats', column: string) =>
  (
    await harness.sql(
      `SELECT ${column}::VARCHAR AS period, account, credits::VARCHAR, debits::VARCHAR, transactions FROM ${schema}.${table} ORDER BY 1, 2`,
    )
  ).map((row) => Object.values(row).join(' '));

/** Runs the graph, and fails as soon as a partition does. */
async function run(input: RefreshGraphInput = {}) {
  const started = await graph.start(input);
  const failed = until(
    () => started.query<GraphProgress, []>('progress'),
    ({ phase, unfinished }) => phase === 'done' || unfinished.some(({ state }) => state === 'failed'),
  ).then(({ unfinished }) => {
    const [first] = unfinished.filter(({ state }) => state === 'failed');
    if (first !== undefined) throw new Error(`${first.dataset} ${first.partition}: ${first.reason}`);
    return started.result();
  });
  return Promise.race([started.result(), failed]);
}

test('partitions are built in the warehouse from files and tables, and copied for DuckDB', async () => {
  expect(await run()).toMatchObject({
    ...{ built: 2 * days.length + 2 + 2, unfinished: [], totals: { complete: 3 * days.length + 4 } },
    warnings: expect.arrayContaining([expect.stringMatching(/^daily_stats 2024-02-28: few: \d+ rows?$/)]),
    publications: [{ number: 1, isNew: true, incomplete: [] }],
  });
  expect(await inWarehouse('daily_stats', 'day')).toEqual(stats(days));
  expect(await inWarehouse('monthly_stats', 'month')).toEqual(stats(['2024-02', '2024-03']));
  expect(await graph.rows('daily_stats')).toEqual(stats(days));
  expect(await graph.rows('monthly_stats')).toEqual(stats(['2024-02', '2024-03']));
  expect(await run()).toMatchObject({ built: 0, unchanged: 0 });
});

/** Of the partitions of a table, how often each was replaced. */
const generations = async (table: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await harness.sql(
        `SELECT "partition", "generation" FROM ${schema}._tributary_partitions WHERE "table" = '${table}' ORDER BY 1`,
      )
    ).map(({ partition, generation }) => [String(partition), Number(generation)]),
  );

const day = '2024-03-01';
const DEATHS = [
  {
    name: 'before the transaction',
    when: 'after',
    key: new RegExp(`daily_stats.*day=${day}/built-`),
    replaced: 1,
  },
  {
    name: 'after the commit and the UNLOAD',
    when: 'before',
    key: new RegExp(`daily_stats/day=${day}/gen-.*[.]parquet$`),
    replaced: 1,
  },
  {
    name: 'before the pointer',
    when: 'before',
    key: new RegExp(`daily_stats.*day=${day}/current[.]json$`),
    replaced: 1,
  },
  {
    name: 'after the pointer',
    when: 'after',
    key: new RegExp(`daily_stats.*day=${day}/current[.]json$`),
    replaced: 1,
  },
] as const;

test.each(DEATHS)(
  'a death $name: the next run completes it, and the dead build changes nothing',
  async ({ when, key, replaced }) => {
    const { [day]: before = 0 } = await generations('daily_stats');
    ledger.correct(day, 0, BigInt(before) * 1_000_003n);
    await graph.put(`${day}.gz`, ledger.of(day));
    const held = gates.hold(when, key);
    const dead = await graph.start();
    await held.isMet;
    await dead.terminate();
    const build = harness.client.workflow.getHandle(`build/daily_stats/day=${day}`);
    await build.terminate().catch(() => {});
    await run();
    const after = await graph.revisions();
    expect(await generations('daily_stats')).toMatchObject({ [day]: before + replaced });
    held.release();
    // The dead build finds that another one has done its work.
    expect(await run()).toMatchObject({ built: 0, unchanged: 0 });
    expect(await graph.revisions()).toEqual(after);
    expect(await generations('daily_stats')).toMatchObject({ [day]: before + replaced });
    expect(await inWarehouse('daily_stats', 'day')).toEqual(stats(days));
    expect(await graph.rows('daily_stats')).toEqual(stats(days));
  },
);
