import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decimal, SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import type { GraphProgress } from '../../../../src/contract/datasets/graph.ts';
import { valuesOf } from '../../../../src/pipeline/datasets/graph/calendar.ts';
import { AppliedSchema, at } from '../../changes/applied-schema.ts';
import { BY_ID, ORDERS, order } from '../../changes/with-schemas.ts';
import { command } from '../../cli/command-line.ts';
import { Stack } from '../../loader/loaded-table.ts';
import { TestLoader } from '../../loader/loader-harness.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { until } from '../../pipeline/until.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { testStack } from '../../setup/stack.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const days = valuesOf('day', { first: '2024-02-28', last: '2024-03-02' });
const ledger = new SeededLedger(31);
const schema = uniqueName('s');
/** Loads orders, batch by batch. */
const loader = new TestLoader(harness, harness.dependencies, { merge: { key: ['id'], newest: 'v' } });
/** Follows changes. */
let items: AppliedSchema;
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

const STATS = `
  SELECT account, sum(CASE WHEN kind = 'credit' THEN amount ELSE 0 END) AS credits,
    sum(CASE WHEN kind = 'debit' THEN amount ELSE 0 END) AS debits, count(*) AS transactions
  FROM transactions GROUP BY account`;
/** What the accounts of a day have ordered at all. */
const ALL_ORDERS =
  'SELECT account, count(*) AS orders FROM orders JOIN daily_stats USING (account) GROUP BY account';
/** What they have ordered on that day. */
const DAILY_ORDERS = 'SELECT account, sum(amount) AS amount, count(*) AS orders FROM orders GROUP BY account';
const MONTHLY_ORDERS = 'SELECT count(*) AS orders, count(DISTINCT day) AS days FROM orders';
const ITEMS =
  'SELECT count(DISTINCT id) AS items, count(DISTINCT account) AS accounts FROM items CROSS JOIN daily_stats';

beforeAll(async () => {
  for (const day of days) ledger.add(day, { accounts: 5, most: 20 });
  items = await AppliedSchema.create(new Stack(), BY_ID, ORDERS);
  const { workgroup, database } = testStack().redshiftData;
  const inTable = (table: string) => ({
    engine: 'redshift',
    warehouse: { workgroup, database, schema, table, iamRole: 'arn:aws:iam::123456789012:role/copy' },
  });
  const orders = { schema: loader.schema, table: loader.table };
  const byDay = { ...orders, version: { by: 'day', column: 'day' } };
  const ofDay = { inputs: { daily_stats: 'same-day' }, partition: { column: 'day' } };
  graph = new KnownGraph(harness, { from: days[0] as string, until: days.at(-1) as string }, {}, (known) => ({
    ...known,
    daily_stats: { ...known.daily_stats, ...inTable('daily_stats'), sql: './daily-redshift.sql' },
    monthly_stats: { ...known.monthly_stats, ...inTable('monthly_stats') },
    all_orders: {
      ...{ ...inTable('all_orders'), ...ofDay, sql: './all-orders.sql', tables: { orders } },
      columns: { account: 'bigint', orders: 'bigint' },
      checks: { few: { sql: 'SELECT * FROM result WHERE orders > 1000 ORDER BY account' } },
    },
    daily_orders: {
      ...{ ...inTable('daily_orders'), ...ofDay, sql: './daily-orders.sql', tables: { orders: byDay } },
      columns: { account: 'bigint', amount: 'decimal(18,2)', orders: 'bigint' },
    },
    monthly_orders: {
      ...{ ...inTable('monthly_orders'), sql: './monthly-orders.sql', tables: { orders: byDay } },
      ...{ inputs: { daily_stats: 'days-of-month' }, partition: { column: 'month', unit: 'month' } },
      columns: { orders: 'bigint', days: 'bigint' },
    },
    item_stats: {
      ...{ ...inTable('item_stats'), ...ofDay, sql: './items.sql' },
      tables: { items: { schema: items.name, table: 'orders' } },
      columns: { items: 'bigint', accounts: 'bigint' },
    },
  }));
  const steps = {
    'daily-redshift.sql': STATS,
    'all-orders.sql': ALL_ORDERS,
    'daily-orders.sql': DAILY_ORDERS,
    'monthly-orders.sql': MONTHLY_ORDERS,
    'items.sql': ITEMS,
  };
  for (const [file, sql] of Object.entries(steps)) graph.write(file, sql);
  await loader.createTable(
    'id INT, account BIGINT, day DATE, amount DECIMAL(18,2), v INT, note DOUBLE PRECISION',
  );
  harness.loaders.set(loader.name, loader.definition);
  const loaders = async () => Object.fromEntries(harness.loaders);
  stop = await harness.startWorkers({ ...graph.dependencies, loaders });
  await load(
    [1, 1, '2024-02-28', '1.10', 1],
    [2, 2, '2024-02-28', '2.20', 1],
    [3, 1, '2024-03-01', '3.30', 1],
  );
  await items.apply([order('a', '1')], [at(1)]);
  for (const day of days) await graph.put(`${day}.gz`, ledger.of(day));
  await graph.run();
});
afterAll(async () => {
  await stop();
  await items.drop();
});

let files = 0;
/** Loads a batch with orders: id, account, day, amount and version of each. */
async function load(...rows: readonly (readonly (string | number)[])[]): Promise<void> {
  const lines = rows.map((row) => `${row.join(',')},0.1\n`);
  const file = await loader.drop(`${++files}.csv`, `id,account,day,amount,v,note\n${lines.join('')}`);
  await loader.loadAll(file);
}

/** How often each partition of a table was replaced: `daily_stats 2024-03-01` → 2. */
async function replaced(): Promise<Record<string, number>> {
  const rows = await harness.sql(
    `SELECT "table", "partition", "generation" FROM "${schema}"._tributary_partitions ORDER BY 1, 2`,
  );
  return Object.fromEntries(rows.map((row) => [`${row.table} ${row.partition}`, Number(row.generation)]));
}

/** Runs the graph. @returns the partitions that were replaced in the warehouse, each once */
async function replacedByRun(): Promise<string[]> {
  const before = await replaced();
  expect(await graph.run()).toMatchObject({ unfinished: [] });
  const after = await replaced();
  const changed = Object.keys(after).filter((id) => after[id] !== before[id]);
  for (const id of changed) expect([id, after[id]]).toEqual([id, (before[id] ?? 0) + 1]);
  return changed;
}

/** What is not complete, each with its reason. */
const planned = async () =>
  (await graph.plan()).partitions.map(
    ({ dataset, partition, state, reason }) => `${dataset} ${partition} ${state}: ${reason}`,
  );

const stats = (periods: readonly string[]) =>
  periods.flatMap((period) =>
    [...ledger.totals(period)]
      .toSorted(([a], [b]) => a - b)
      .map(([account, { credits, debits, transactions }]) =>
        [period, account, decimal(credits), decimal(debits), transactions].join(' '),
      ),
  );
const expectReports = async () => {
  expect(await graph.rows('daily_stats')).toEqual(stats(days));
  expect(await graph.rows('monthly_stats')).toEqual(stats(['2024-02', '2024-03']));
};

test('a correction replaces its day and what reads it, and nothing else', async () => {
  ledger.correct('2024-02-29', 0, 9_876_543n);
  await graph.put('2024-02-29.gz', ledger.of('2024-02-29'));
  expect(await replacedByRun()).toEqual([
    ...['all_orders 2024-02-29', 'daily_orders 2024-02-29', 'daily_stats 2024-02-29'],
    ...['item_stats 2024-02-29', 'monthly_orders 2024-02', 'monthly_stats 2024-02'],
  ]);
  await expectReports();
  expect(await replacedByRun()).toEqual([]);
});

describe('a table of the warehouse', () => {
  test('whose version is of the whole table: a batch makes all partitions that read it stale, and no others', async () => {
    await load([4, 2, '2024-03-02', '4.40', 1]);
    const stale = (await planned()).filter((line) => line.startsWith('all_orders'));
    expect(stale).toEqual(days.map((day) => `all_orders ${day} ready: orders table changed`));
    expect((await replacedByRun()).filter((id) => id.startsWith('all_'))).toEqual(
      days.map((day) => `all_orders ${day}`),
    );
    expect(await replacedByRun()).toEqual([]);
  });

  test('that follows changes: an apply makes all partitions that read it stale, and no others', async () => {
    await items.apply([order('b', '1'), order('c', '1')], [at(2)]);
    expect(await planned()).toEqual(days.map((day) => `item_stats ${day} ready: items table changed`));
    expect(await replacedByRun()).toEqual(days.map((day) => `item_stats ${day}`));
    expect(await harness.sql(`SELECT DISTINCT items FROM "${schema}".item_stats`)).toEqual([{ items: 3 }]);
    // Checkpoints without rows are positions, too.
    await items.apply([], [at(3)]);
    expect(await planned()).toHaveLength(days.length);
    expect(await replacedByRun()).toHaveLength(days.length);
  });
});

describe('a table of the warehouse whose version follows days', () => {
  const ofOrders = (lines: readonly string[]) =>
    lines.filter((line) => /^(?:daily|monthly)_orders /.test(line));
  /** What the orders' tables have, by partition. */
  const found = async () =>
    (
      await harness.sql(
        `SELECT day::VARCHAR AS p, account, amount::VARCHAR AS amount, orders FROM "${schema}".daily_orders UNION ALL ` +
          `SELECT month, days, '', orders FROM "${schema}".monthly_orders ORDER BY 1, 2`,
      )
    ).map((row) => Object.values(row).join(' '));

  test('makes those days stale for which a batch has rows, and a partition reads the rows of its days only', async () => {
    expect(await found()).toEqual([
      ...['2024-02 1  2', '2024-02-28 1 1.10 1', '2024-02-28 2 2.20 1'],
      ...['2024-03 2  2', '2024-03-01 1 3.30 1', '2024-03-02 2 4.40 1'],
    ]);
    // One new order, and one that is changed; those of other days are loaded again as they are.
    await load(
      [5, 1, '2024-02-29', '5.50', 1],
      [3, 1, '2024-03-01', '3.31', 2],
      [1, 1, '2024-02-28', '1.10', 1],
    );
    expect(ofOrders(await planned())).toEqual([
      'daily_orders 2024-02-29 ready: orders 2024-02-29 changed',
      'daily_orders 2024-03-01 ready: orders 2024-03-01 changed',
      'monthly_orders 2024-02 ready: orders 2024-02-29 changed',
      'monthly_orders 2024-03 ready: orders 2024-03-01 changed',
    ]);
    expect(ofOrders(await replacedByRun())).toEqual([
      ...['daily_orders 2024-02-29', 'daily_orders 2024-03-01'],
      ...['monthly_orders 2024-02', 'monthly_orders 2024-03'],
    ]);
    expect(await found()).toEqual([
      ...['2024-02 2  3', '2024-02-28 1 1.10 1', '2024-02-28 2 2.20 1', '2024-02-29 1 5.50 1'],
      ...['2024-03 2  2', '2024-03-01 1 3.31 1', '2024-03-02 2 4.40 1'],
    ]);
    expect(await planned()).toEqual([]);
  });

  test('an order that moves to another day makes both stale; the last digit of a double is a change', async () => {
    await load([5, 1, '2024-02-28', '5.50', 2]);
    expect(ofOrders(await planned()).map((line) => line.split(' ', 2).join(' '))).toEqual([
      ...['daily_orders 2024-02-28', 'daily_orders 2024-02-29', 'monthly_orders 2024-02'],
    ]);
    await replacedByRun();
    const table = `"${loader.schema}"."${loader.table}"`;
    await harness.sql(`UPDATE ${table} SET note = 0.10000000000000002 WHERE id = 4`);
    expect(await planned()).toEqual([
      'daily_orders 2024-03-02 ready: orders 2024-03-02 changed',
      'monthly_orders 2024-03 ready: orders 2024-03-02 changed',
    ]);
    await harness.sql(`UPDATE ${table} SET note = 0.1 WHERE id = 4`);
    expect(await planned()).toEqual([]);
    const explained = await graph.explain('daily_orders', '2024-02-29');
    expect(explained.inputs).toMatchObject([
      { dataset: 'daily_stats', partition: '2024-02-29' },
      { dataset: 'orders', partition: '2024-02-29', version: expect.stringMatching(/^[0-9a-f]{16}:0:0:0$/) },
    ]);
  });
});

test('rows of a partition that were deleted are noticed, and it is replaced', async () => {
  await harness.sql(`DELETE FROM "${schema}".daily_stats WHERE day = '2024-03-01' AND account = 1`);
  expect((await planned())[0]).toBe(
    'daily_stats 2024-03-01 ready: its table has other rows than were written',
  );
  expect(await replacedByRun()).toEqual(
    // It has the rows that it had, but its table has another build of it, which tables are read by.
    expect.arrayContaining(['daily_stats 2024-03-01']),
  );
  await expectReports();
  expect(await planned()).toEqual([]);
});

test('files of a copy that were deleted are unloaded again, and the table stays as it is', async () => {
  const files = graph.files('daily_stats');
  const folder = `${files.at.prefix}/day=2024-03-02/`;
  const keys = (await Array.fromAsync(files.store.list(folder))).map(({ key }) => key);
  expect(keys.length).toBeGreaterThan(0);
  await files.store.delete(keys);
  expect((await planned())[0]).toBe('daily_stats 2024-03-02 ready: its files are missing or changed');
  expect(await replacedByRun()).toEqual([]);
  await expectReports();
  expect(await planned()).toEqual([]);
});

describe('a step that fails', () => {
  const failures = [
    {
      name: 'an SQL error',
      sql: ALL_ORDERS.replace('count(*)', "sum(CAST('x' || CAST(account AS VARCHAR(9)) AS BIGINT))"),
      reason: /^StepFailed: Redshift refuses the step of all_orders 2024-02-28\. .*"x\d"/,
    },
    {
      name: 'a type that its column does not hold',
      sql: ALL_ORDERS.replace('count(*)', 'CAST(count(*) AS DOUBLE PRECISION)'),
      reason:
        /^StepInvalid: all_orders: orders: it is declared as bigint, and the result has double precision: cast/,
    },
    {
      name: 'a check that stops it',
      sql: ALL_ORDERS.replace('count(*)', 'count(*) + 5000'),
      reason:
        /^PartitionChecksFailed: all_orders 2024-02-28 is not published, because checks do not hold: few: \d rows?, e\.g\. \{"account":\d,"orders":500\d\}/,
    },
  ];

  test('shows partition, inputs, reason and the command that helps; retry succeeds after the fix', async () => {
    graph.write('all-orders.sql', failures[0]?.sql ?? '');
    const run = await graph.start({ datasets: ['all_orders'] });
    const waits = (reason: RegExp) =>
      until(
        () => run.query<GraphProgress, []>('progress'),
        ({ phase, unfinished: [first] }) => phase === 'waiting' && reason.test(first?.reason ?? ''),
      );
    const before = await replaced();
    for (const { sql, reason } of failures) {
      graph.write('all-orders.sql', sql);
      await run.signal('retry');
      const { unfinished } = await waits(reason);
      expect(unfinished).toHaveLength(days.length);
      expect(unfinished[0]).toMatchObject({
        ...{ dataset: 'all_orders', partition: '2024-02-28', state: 'failed' },
        inputs: ['daily_stats 2024-02-28', 'orders table'],
      });
    }
    expect(await replaced()).toEqual(before);
    const environment = { ...graph.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace };
    const { stdout } = await command(['dataset', 'status', 'all_orders'], environment);
    expect(stdout).toMatch(
      /failed +all_orders 2024-02-28(?: to 2024-03-02 \(4\))?: PartitionChecksFailed: .*"orders":500\d/,
    );
    expect(stdout).toMatch(/\n +reads daily_stats 2024-02-28, orders table\n|failed +all_orders .* to /);
    expect(stdout).toMatch(/Fix the cause, then: (?:npx )?tributary dataset retry/);
    graph.write('all-orders.sql', ALL_ORDERS);
    expect(await command(['dataset', 'retry'], environment)).toMatchObject({ code: 0 });
    expect(await run.result()).toMatchObject({ unfinished: [] });
    expect(await planned()).toEqual([]);
  });
});

test('two runs that want a partition build it once', async () => {
  ledger.correct('2024-03-02', 0, 1_234_567n);
  await graph.put('2024-03-02.gz', ledger.of('2024-03-02'));
  expect(await graph.run({ datasets: ['transactions'], only: true })).toMatchObject({ built: 0 });
  const before = await replaced();
  const runs = await Promise.all([graph.start({ withoutFiles: true }), graph.start({ withoutFiles: true })]);
  for (const run of runs) expect(await run.result()).toMatchObject({ unfinished: [] });
  const after = await replaced();
  const changed = Object.keys(after).filter((id) => after[id] !== before[id]);
  expect(changed).toEqual(expect.arrayContaining(['daily_stats 2024-03-02', 'monthly_stats 2024-03']));
  for (const id of changed) expect([id, after[id]]).toEqual([id, (before[id] ?? 0) + 1]);
  await expectReports();
});
