import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { loadWorkflowId, type Progress, QUERY_PROGRESS, RETRY_TABLE } from '../../../src/contract/refresh.ts';
import { BrokenTables } from './broken-tables.ts';
import { uniqueName } from './harness.ts';
import { Operator } from './operator.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

const ITEMS = 20;

describe("an operator's ways to complete the load of a table", () => {
  const harness = withHarness();
  const operator = new Operator(harness);
  let stop: () => Promise<void>;
  const table = uniqueName('items');
  const tags = `${table}__tags`;
  const notes = `${table}__notes`;
  const broken: BrokenTables[] = [];

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: ITEMS }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        tags: { SS: ['a', 'b'] },
        notes: { L: [{ S: 'one' }] },
      })),
    );
    stop = await harness.startWorkers();
  });
  afterEach(async () => {
    for (const each of broken.splice(0)) await each.release();
  });

  interface LoadingRun {
    readonly handle: WorkflowHandle;
    readonly pipeline: string;
    readonly run: string;
    readonly schema: string;
    readonly faults: BrokenTables;
  }

  /** A run in which the loads of some tables are refused or do not end. */
  async function loadingRun(how: 'refused' | 'hanging', ...tables: string[]): Promise<LoadingRun> {
    const { pipeline, schema } = harness.define(table, { source: { segments: 1 } });
    const run = uniqueName('run');
    const faults = await BrokenTables[how](`${schema}__${run}_1`, ...tables);
    broken.push(faults);
    return { handle: await harness.start({ pipeline, run }), pipeline, run, schema, faults };
  }

  async function parkedRun(...tables: string[]): Promise<LoadingRun> {
    const parked = await loadingRun('refused', ...tables);
    await operator.parked(parked.handle);
    return parked;
  }

  async function expectHome({ handle, schema }: LoadingRun): Promise<void> {
    const newest = harness.client.workflow.getHandle(handle.workflowId);
    expect(await newest.result()).toMatchObject({ status: 'replaced', items: ITEMS });
    expect(await harness.rowsOf(schema, table)).toHaveLength(ITEMS);
    expect(await harness.rowsOf(schema, tags)).toHaveLength(2 * ITEMS);
    expect(await harness.rowsOf(schema, notes)).toHaveLength(ITEMS);
  }

  /** Only the live schema exists: no staging schema is left behind. */
  async function expectNothingBeside(schema: string): Promise<void> {
    const found = await harness.sql(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${schema}%'`,
    );
    expect(found).toEqual([{ name: schema }]);
  }

  test('a waiting run shows which table failed, why, and what to do: in queries, memo, details and status', async () => {
    const parked = await parkedRun(tags);
    const { handle, faults } = parked;
    expect(await handle.query<Progress>(QUERY_PROGRESS)).toMatchObject({
      phase: 'load',
      state: 'waiting',
      load: {
        settled: 2,
        failed: 1,
        total: 3,
        unfinished: [
          {
            child: tags,
            workflowId: loadWorkflowId(handle.workflowId, tags),
            state: 'failed',
            error: expect.stringContaining('COPY is refused by this test'),
          },
        ],
      },
    });
    await until(
      () => operator.memo(handle.workflowId),
      (memo) => memo?.tributary === 'waiting for you: load 2/3, 1 failed',
    );
    const details = await until(
      () => operator.currentDetails(handle.workflowId),
      (found) => found.includes('2 settled, 1 failed of 3'),
    );
    expect(details).toContain('COPY is refused by this test');
    expect(details).toContain('`retryTable`');
    const status = await operator.tributary('status', handle.workflowId);
    expect(status.code).toBe(3);
    expect(status.stdout).toContain(`table ${tags} failed`);
    expect(status.stdout).toContain(`npx tributary retry ${parked.run} --table ${tags}`);
    await faults.fix();
    await operator.signal(handle.workflowId, RETRY_TABLE);
    await expectHome(parked);
    await expectNothingBeside(parked.schema);
  });

  const ways: [string, (parked: LoadingRun) => Promise<unknown>][] = [
    ['an update that names it', ({ handle }) => operator.update(handle.workflowId, RETRY_TABLE, tags)],
    ['an update of nothing, as null', ({ handle }) => handle.executeUpdate(RETRY_TABLE, { args: [null] })],
    ['a signal of nothing, as null', ({ handle }) => handle.signal(RETRY_TABLE, null)],
    ['a signal that names it', ({ handle }) => operator.signal(handle.workflowId, RETRY_TABLE, tags)],
    ['a reset of its workflow', ({ handle }) => operator.reset(loadWorkflowId(handle.workflowId, tags))],
    [
      'starting its workflow again by its id',
      ({ handle }) => operator.startAgain(loadWorkflowId(handle.workflowId, tags)),
    ],
    [
      'tributary retry --table',
      async ({ handle }) =>
        expect(await operator.tributary('retry', handle.workflowId, '--table', tags)).toMatchObject({
          code: 0,
          stdout: expect.stringContaining(`${tags}: retrying`),
        }),
    ],
    [
      'tributary run --from load --table',
      async ({ run, pipeline }) =>
        expect(
          await operator.tributary('run', pipeline, '--run', run, '--from', 'load', '--table', tags),
        ).toMatchObject({ code: 0 }),
    ],
  ];

  test.each(ways)('%s completes a failed table', async (_, way) => {
    const parked = await parkedRun(tags);
    await parked.faults.fix();
    await way(parked);
    await expectHome(parked);
  });

  // In the order of loading, the largest first: these two are about as large.
  const retryingBoth = new RegExp(`retrying (${notes}, ${tags}|${tags}, ${notes})`);

  test('the stock CLI retries all failed tables at once', async () => {
    const parked = await parkedRun(tags, notes);
    await parked.faults.fix();
    expect(await operator.update(parked.handle.workflowId, RETRY_TABLE)).toMatch(retryingBoth);
    await expectHome(parked);
  });

  test('tributary retry retries all failed tables at once, even those that fail again', async () => {
    const parked = await parkedRun(tags, notes);
    const retry = () => operator.tributary('retry', parked.handle.workflowId);
    expect((await retry()).stdout).toMatch(retryingBoth);
    await operator.parked(parked.handle);
    await parked.faults.fix();
    expect((await retry()).code).toBe(0);
    await expectHome(parked);
  });

  test('a retry of an unknown table is refused', async () => {
    const parked = await parkedRun(tags);
    const retry = (argument: unknown) => parked.handle.executeUpdate(RETRY_TABLE, { args: [argument] });
    await expect(retry(7)).rejects.toMatchObject({
      cause: { message: expect.stringContaining("expected a table's name") },
    });
    await parked.faults.fix();
    expect(await retry(tags)).toBe(`${tags}: retrying`);
    await expectHome(parked);
  });

  test('a retry that reaches a new worker is accepted, although the failure came in the task before', async () => {
    const parked = await parkedRun(tags);
    await stop();
    await parked.faults.fix();
    const retrying = parked.handle.executeUpdate(RETRY_TABLE, { args: [tags] });
    stop = await harness.startWorkers();
    expect(await retrying).toBe(`${tags}: retrying`);
    await expectHome(parked);
  });

  test('cancelling a waiting run cancels its loads, even those reset or started by hand, and their statements; live stays', async () => {
    const { handle, schema, faults } = await parkedRun(tags, notes);
    await faults.hang();
    const children = [tags, notes].map((each) => loadWorkflowId(handle.workflowId, each));
    await operator.reset(children[0]!);
    await operator.startAgain(children[1]!);
    await faults.untilRunning(2);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    for (const child of children) await operator.ended(child, 'CANCELLED');
    await faults.untilRunning(0);
    expect(await harness.tablesOf(schema)).toEqual([]);
  });

  test('a retry signal and a cancellation that reach a new worker together end the run as cancelled', async () => {
    const { handle } = await parkedRun(tags);
    await stop();
    await operator.signal(handle.workflowId, RETRY_TABLE);
    await handle.cancel();
    stop = await harness.startWorkers();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
  });

  test.each([
    ['the beginning', ['planRun']],
    ['the seal', ['sealRun']],
    ['the prepare phase', ['prepareStaging']],
    ['the load phase', ['loadTable']],
  ])('a run reset to %s while a table loads ends well', async (_, [step]) => {
    const loading = await loadingRun('hanging', tags);
    const { handle, faults, schema } = loading;
    await faults.untilRunning(1);
    const [point] = await operator.pointsBefore(handle, step as string);
    await operator.reset(handle.workflowId, '--event-id', point as string);
    const again = harness.client.workflow.getHandle(handle.workflowId);
    await until(
      () => again.query<Progress>(QUERY_PROGRESS),
      ({ load }) => load !== undefined && load.notStarted === 0,
    );
    await faults.release();
    await expectHome(loading);
    await expectNothingBeside(schema);
  });

  test('a table that an earlier run of this workflow id still loads makes the run wait when it ends', async () => {
    const earlier = await parkedRun(tags);
    const { workflowId } = earlier.handle;
    await earlier.faults.hang();
    const child = loadWorkflowId(workflowId, tags);
    await operator.reset(child);
    await earlier.faults.untilRunning(1);
    await earlier.handle.terminate('by a test');
    const { pipeline, schema } = harness.define(table, { source: { segments: 1 } });
    const handle = await harness.start({ pipeline }, workflowId);
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ load }) => load?.external === 1,
    );
    await earlier.faults.release();
    const { load } = await operator.parked<Progress>(handle);
    expect(load?.unfinished).toMatchObject([
      { child: tags, state: 'failed', error: expect.stringContaining(`run ${earlier.run} had its id`) },
    ]);
    await operator.ended(child, 'COMPLETED');
    await operator.update(workflowId, RETRY_TABLE);
    await expectHome({ ...earlier, handle, schema });
  });

  test('a retry leaves alone a load that was reset by hand, even in a later staging schema', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 1 } });
    const { run } = await (await harness.start({ pipeline, to: 'prepare' })).result();
    const faults = await BrokenTables.refused(`${schema}__${run}_2`, tags);
    broken.push(faults);
    const handle = await harness.start({ pipeline, run, from: 'prepare' });
    await operator.parked(handle);
    await faults.hang();
    await operator.reset(loadWorkflowId(handle.workflowId, tags));
    const statements = await faults.untilRunning(1);
    expect(await operator.update(handle.workflowId, RETRY_TABLE, tags)).toBe(`${tags}: retrying`);
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ load }) => load?.external === 1,
    );
    expect(await faults.running()).toEqual(statements);
    await faults.release();
    await expectHome({ handle, pipeline, run, schema, faults });
  });

  test('a waiting run that is reset to its load phase retries the failed table and loads none twice', async () => {
    const parked = await parkedRun(tags);
    const [point] = await operator.pointsBefore(parked.handle, 'loadTable');
    await parked.faults.fix();
    await operator.reset(parked.handle.workflowId, '--event-id', point as string);
    await expectHome(parked);
  });
});
