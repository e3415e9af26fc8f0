import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import pg from 'pg';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { type Progress, segmentWorkflowId } from '../../../src/contract/refresh.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { stepProgressOf } from '../../../src/pipeline/run/step-progress.ts';
import { testStack } from '../setup/stack.ts';
import { comparable, expectedTables } from './expected-tables.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

describe('a worker that goes away', () => {
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);
  const table = uniqueName('nobel');

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
  });
  afterEach(() => workers.endAll());

  async function expectWhole({ schema }: TestPipeline): Promise<void> {
    const expected = expectedTables(table, ['pk', 'sk'], nobelItems() as unknown as Item[]);
    expect(await harness.tablesOf(schema)).toEqual([...expected.keys()].sort());
    for (const [name, rows] of expected) {
      expect(comparable(await harness.rowsOf(schema, name))).toEqual(comparable(rows));
    }
  }

  async function keysOf(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of harness.store.list(prefix)) keys.push(key);
    return keys;
  }

  test('killed in the middle of extraction, leaves another to continue from the last checkpoints', async () => {
    const nobel = harness.define(table, {
      // Slow enough to be killed in the middle: every page is a cut, and pages wait for read units.
      source: { segments: 2, readUnitsPerSecond: 60 },
      staging: { cutBytes: 1 },
    });
    const handle = await harness.start({ pipeline: nobel.pipeline, run: 'killed' });
    const first = workers.start(nobel);
    const { bucket: _, ...staging } = nobel.definition.staging;
    const segments = `${runDirectory({ ...staging, pipeline: nobel.pipeline, run: 'killed' })}/segments/`;
    const before = await until(
      () => keysOf(segments),
      (keys) => keys.length > 0,
    );
    await workers.end(first);
    workers.start(nobel);
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1680 });
    expect(await keysOf(segments)).toEqual(expect.arrayContaining(before));
    await expectWhole(nobel);
  });

  test('asked to stop in the middle of extraction, leaves a checkpoint, and another continues at once', async () => {
    const big = uniqueName('big');
    const items: Item[] = Array.from({ length: 3_000 }, (_, i) => ({
      pk: { S: `p${i}` },
      sk: { S: 's' },
      text: { S: `${i} `.repeat(250) },
    }));
    await harness.createTable(big, items as never);
    const pipeline = harness.define(big, {
      // Only the stop makes a cut before the segment's end, and pages wait for read units.
      source: { segments: 1, readUnitsPerSecond: 25 },
    });
    const handle = await harness.start({ pipeline: pipeline.pipeline, run: 'stopped' });
    const first = workers.start(pipeline);
    const child = harness.client.workflow.getHandle(segmentWorkflowId(handle.workflowId, 0));
    await until(
      async () => (await child.describe()).raw.pendingActivities ?? [],
      ([activity]) => activity?.lastHeartbeatTime != null,
    );
    await workers.end(first, 'SIGTERM');
    const { bucket: _, ...staging } = pipeline.definition.staging;
    const segments = `${runDirectory({ ...staging, pipeline: pipeline.pipeline, run: 'stopped' })}/segments/`;
    expect(await keysOf(segments)).toHaveLength(1);
    workers.start(pipeline);
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 3_000 });
    expect(await keysOf(segments)).toHaveLength(2);
    const expected = expectedTables(big, ['pk', 'sk'], items).get(big) ?? [];
    expect(comparable(await harness.rowsOf(pipeline.schema, big))).toEqual(comparable(expected));
  });

  test('killed five times at the same place, parks its run, and a retry continues with a fresh count', async () => {
    const big = uniqueName('big');
    await harness.createTable(
      big,
      Array.from({ length: 3_000 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        text: { S: `${i} `.repeat(250) },
      })),
    );
    // Slow enough that no attempt reaches a checkpoint before it is killed.
    const pipeline = harness.define(big, { source: { segments: 1, readUnitsPerSecond: 15 } });
    const handle = await harness.start({ pipeline: pipeline.pipeline, run: 'deadly', to: 'extract' });
    const child = harness.client.workflow.getHandle(segmentWorkflowId(handle.workflowId, 0));
    const attempt = async () => {
      const [activity] = (await child.describe()).raw.pendingActivities ?? [];
      const [details] = activity?.heartbeatDetails?.payloads ?? [];
      const heartbeat = stepProgressOf(
        details == null ? undefined : defaultPayloadConverter.fromPayload(details),
      );
      return { number: activity?.attempt, worker: heartbeat.worker };
    };
    for (let nth = 1; nth <= 5; nth++) {
      const worker = workers.start(pipeline);
      const { worker: losses } = await until(
        attempt,
        (at) => at.number === nth && at.worker?.attempt === nth,
      );
      expect(losses).toMatchObject({ lost: nth - 1, reached: 0 });
      // Temporal notices the death and starts the next attempt at once, rather than after half a minute.
      if (nth === 1) await hurry(child.workflowId);
      await workers.end(worker);
    }
    workers.start(pipeline);
    const parked = await until(
      () => handle.query<Progress>('progress'),
      ({ state }) => state === 'waiting',
    );
    expect(parked.extract?.unfinished[0]?.error).toMatch(
      new RegExp(
        `^5 workers in a row died or froze at the same place: segment 0 of run deadly, reading ${big} from the segment's beginning\\.`,
      ),
    );
    await handle.executeUpdate('retrySegment');
    expect(await handle.result()).toMatchObject({ status: 'extract', items: 3_000 });
  });

  /** Shortens the backoff of a workflow's only activity. */
  async function hurry(workflowId: string): Promise<void> {
    await harness.client.workflowService.updateActivityOptions({
      namespace: harness.namespace,
      execution: { workflowId },
      type: 'extractSegmentPages',
      activityOptions: {
        retryPolicy: { initialInterval: { nanos: 100_000_000 }, backoffCoefficient: 1 },
      },
      updateMask: {
        paths: ['retry_policy.initial_interval', 'retry_policy.backoff_coefficient'],
      },
    });
  }

  test('killed in the middle of a load, leaves another to finish it, and nothing is loaded twice', async () => {
    const nobel = harness.define(table, { source: { segments: 2 } });
    const preparing = await harness.start({ pipeline: nobel.pipeline, run: 'stuck', to: 'prepare' });
    const first = workers.start(nobel);
    await preparing.result();
    // A user's lock blocks the loads after their COPY, before their ledger rows: they have begun and cannot end.
    const ledger = `"${nobel.schema}__stuck_1"."_tributary_ledger"`;
    const blocker = new pg.Client({ connectionString: testStack().postgres.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE ${ledger} IN SHARE MODE`);
    const handle = await harness.start({ pipeline: nobel.pipeline, run: 'stuck', from: 'load' });
    const waiting = 'SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
    await until(
      async () => (await blocker.query(waiting, [ledger])).rows[0].n as number,
      (n) => n === 4,
    );
    await workers.end(first);
    workers.start(nobel);
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1680 });
    await expectWhole(nobel);
    const loaded = await harness.sql(
      `SELECT count(*) AS files, count(DISTINCT file_key) AS different FROM "${nobel.schema}"._tributary_ledger`,
    );
    expect(loaded[0]?.files).toBe(loaded[0]?.different);
  });
});
