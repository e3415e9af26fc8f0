import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { Terminal } from '../../../src/clients/errors.ts';
import {
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  SIGNAL_SEGMENT_FAILED,
  SIGNAL_SEGMENT_SETTLED,
  SIGNAL_TABLE_FAILED,
  SIGNAL_TABLE_SETTLED,
  segmentWorkflowId,
} from '../../../src/contract/refresh.ts';
import { BrokenSegments } from './broken-segments.ts';
import { uniqueName } from './harness.ts';
import { Operator } from './operator.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

describe("an operator's ways to complete a run", () => {
  const harness = withHarness();
  const operator = new Operator(harness);
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 200 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' }, n: { N: String(i) } })),
    );
  });

  /** A run of five segments that waits because some of them are refused. */
  async function parkedRun(...broken: number[]) {
    const source = new BrokenSegments(harness.dependencies.source, broken);
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 5 } });
    const handle = await harness.start({ pipeline, definition });
    await operator.parked(handle);
    return { source, stop, handle, schema };
  }

  async function expectHome(handle: WorkflowHandle, schema: string) {
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 200 });
    expect(await harness.rowsOf(schema, table)).toHaveLength(200);
  }

  test('a waiting run shows which segment failed, why, and that it waits: in queries and in its memo', async () => {
    const { source, stop, handle, schema } = await parkedRun(2);
    expect(await handle.query<Progress>(QUERY_PROGRESS)).toMatchObject({
      phase: 'extract',
      state: 'waiting',
      extract: {
        settled: 4,
        failed: 1,
        total: 5,
        unfinished: [
          {
            child: '2',
            workflowId: segmentWorkflowId(handle.workflowId, 2),
            state: 'failed',
            error: 'segment is broken by this test',
          },
        ],
      },
    });
    const memo = await until(
      async () => (await handle.describe()).memo,
      (found) => String(found?.tributary).startsWith('waiting'),
    );
    expect(memo).toMatchObject({ tributary: 'waiting for you: extract 4/5, 1 failed' });
    source.fix();
    await handle.signal(RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('a run ignores child messages that no child sent: it answers, and completes', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    for (const signal of [
      SIGNAL_SEGMENT_SETTLED,
      SIGNAL_SEGMENT_FAILED,
      SIGNAL_TABLE_SETTLED,
      SIGNAL_TABLE_FAILED,
    ]) {
      for (const argument of [[], [null], [7], [{}], [{ segment: 1 }], [{ segment: 'x', table: 7 }]])
        await handle.signal(signal, ...argument);
    }
    expect(await handle.query<Progress>(QUERY_PROGRESS)).toMatchObject({
      extract: { settled: 4, failed: 1 },
    });
    source.fix();
    expect(await handle.executeUpdate(RETRY_SEGMENT, { args: [null] })).toBe('retrying 1');
    await expectHome(handle, schema);
    await stop();
  });

  test('the stock CLI starts the failed segment again by its id, and the run completes', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    source.fix();
    await operator.startAgain(segmentWorkflowId(handle.workflowId, 1));
    await expectHome(handle, schema);
    await stop();
  });

  test('the stock CLI resets the failed segment, and the run completes', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    source.fix();
    await operator.reset(segmentWorkflowId(handle.workflowId, 1));
    await expectHome(handle, schema);
    await stop();
  });

  test('the stock CLI retries all failed segments at once', async () => {
    const { source, stop, handle, schema } = await parkedRun(0, 2, 4);
    source.fix();
    await operator.update(handle.workflowId, RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('a retry that reaches a new worker is accepted, although the failure came in the task before', async () => {
    const { source, stop, handle, schema } = await parkedRun(3);
    await stop();
    source.fix();
    const retrying = handle.executeUpdate(RETRY_SEGMENT, { args: [3] });
    const stopAgain = await harness.startWorkers({ ...harness.dependencies, source });
    expect(await retrying).toBe('3: retrying');
    await expectHome(handle, schema);
    await stopAgain();
  });

  test('a segment that fails again makes the run wait again, and can be retried again', async () => {
    const { source, stop, handle, schema } = await parkedRun(3);
    await handle.executeUpdate(RETRY_SEGMENT, { args: [3] });
    await operator.parked(handle);
    source.fix();
    await handle.executeUpdate(RETRY_SEGMENT, { args: [] });
    await expectHome(handle, schema);
    await stop();
  });

  test('a run can be listed by its state if the search attributes are registered', async () => {
    await harness.registerSearchAttributes();
    const { source, stop, handle, schema } = await parkedRun(3);
    const listed = await until(
      async () => {
        const found: string[] = [];
        for await (const one of harness.client.workflow.list({ query: 'TributaryState = "waiting"' }))
          found.push(one.workflowId);
        return found;
      },
      (found) => found.length > 0,
    );
    expect(listed).toEqual([handle.workflowId]);
    source.fix();
    await handle.signal(RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('cancelling a waiting run cancels its segments, even one that was reset by hand, and leaves live alone', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    source.hang();
    const child = segmentWorkflowId(handle.workflowId, 1);
    await operator.reset(child);
    await until(
      () => Promise.resolve(source.hanging),
      (hanging) => hanging >= 1,
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await operator.ended(child, 'CANCELLED');
    expect(await harness.tablesOf(schema)).toEqual([]);
    await stop();
  });

  test('a completed run that is reset completes again, and live stays as it is', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const handle = await harness.start({ pipeline });
    await expectHome(handle, schema);
    for (const how of [
      ['--type', 'FirstWorkflowTask'],
      ['--type', 'FirstWorkflowTask', '--reapply-exclude', 'All'],
      ['--type', 'LastWorkflowTask'],
    ]) {
      await operator.reset(handle.workflowId, ...how);
      await expectHome(harness.client.workflow.getHandle(handle.workflowId), schema);
    }
    const schemas = await harness.sql(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${schema}%'`,
    );
    expect(schemas).toEqual([{ name: schema }]);
    await stop();
  });

  test('a run that is reset to any of its phases completes, and live stays whole', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const handle = await harness.start({ pipeline });
    await expectHome(handle, schema);
    // Where each phase began in the first run's history: at its first activity.
    const first = harness.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    const steps = ['sealRun', 'prepareStaging', 'verifyStaging', 'replaceLive', 'writeReport'];
    const resetPoints = await operator.pointsBefore(first, ...steps);
    expect(new Set(resetPoints).size).toBe(5);
    for (const eventId of resetPoints) {
      const how = ['--run-id', handle.firstExecutionRunId, '--event-id', eventId];
      await operator.reset(handle.workflowId, ...how);
      await expectHome(harness.client.workflow.getHandle(handle.workflowId), schema);
    }
    const schemas = await harness.sql(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${schema}%'`,
    );
    expect(schemas).toEqual([{ name: schema }]);
    await stop();
  });

  async function terminateSegments({ workflowId }: WorkflowHandle) {
    for (const segment of [0, 1, 2]) {
      await harness.client.workflow.getHandle(segmentWorkflowId(workflowId, segment)).terminate('by a test');
    }
  }

  /** A run that is reset to this point while its segments hang. */
  async function resetInMidExtraction(to: 'FirstWorkflowTask' | 'LastWorkflowTask') {
    const source = new BrokenSegments(harness.dependencies.source, [0, 1, 2]);
    source.hang();
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 3 } });
    const { workflowId } = await harness.start({ pipeline, definition });
    await until(
      () => Promise.resolve(source.hanging),
      (hanging) => hanging >= 3,
    );
    await operator.reset(workflowId, '--type', to);
    const handle = harness.client.workflow.getHandle(workflowId);
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      // From the beginning, it starts them again and learns that they are running already.
      ({ extract }) => extract?.[to === 'FirstWorkflowTask' ? 'external' : 'running'] === 3,
    );
    return { source, stop, handle, schema };
  }

  test.each(['FirstWorkflowTask', 'LastWorkflowTask'] as const)(
    'cancelling a run that was reset to its %s while its segments ran also cancels them',
    async (to) => {
      const { stop, handle } = await resetInMidExtraction(to);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
      for (const segment of [0, 1, 2]) {
        const child = harness.client.workflow.getHandle(segmentWorkflowId(handle.workflowId, segment));
        await until(
          async () => (await child.describe()).status.name,
          (status) => status === 'CANCELLED',
        );
      }
      await stop();
    },
  );

  /** A run that was reset to its beginning while its segments hang, and now hangs in its plan phase. */
  async function resetAndPlanning() {
    const source = new BrokenSegments(harness.dependencies.source, [0, 1, 2]);
    source.hang();
    let planning: PromiseWithResolvers<void> | undefined;
    const stop = await harness.startWorkers({
      ...harness.dependencies,
      source,
      definitionOf: async (name) => {
        await planning?.promise;
        return harness.dependencies.definitionOf(name);
      },
    });
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const { workflowId } = await harness.start({ pipeline });
    await until(
      () => operator.openBelow(workflowId),
      (open) => open.length === 3 && source.hanging >= 3,
    );
    const children = await operator.openBelow(workflowId);
    planning = Promise.withResolvers();
    await operator.reset(workflowId);
    const handle = harness.client.workflow.getHandle(workflowId);
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ phase, phases }) => phase === 'plan' && phases[0]?.state === 'running',
    );
    return { source, stop, handle, schema, children, planning };
  }

  test.each(['cancelled', 'failed'] as const)(
    'a run that was reset while its segments ran, and is %s while it plans again, cancels them',
    async (how) => {
      const { stop, handle, schema, children, planning } = await resetAndPlanning();
      if (how === 'cancelled') await handle.cancel();
      else planning.reject(new Terminal('AccessDenied', 'refused by this test'));
      await expect(handle.result()).rejects.toThrow(`Workflow execution ${how}`);
      for (const child of children) await operator.ended(child, 'CANCELLED');
      expect(await harness.tablesOf(schema)).toEqual([]);
      planning.resolve();
      await stop();
    },
  );

  test('segments that complete while a reset run plans again are not started again', async () => {
    const { source, stop, handle, schema, children, planning } = await resetAndPlanning();
    source.fix();
    for (const child of children) await operator.ended(child, 'COMPLETED');
    planning.resolve();
    await expectHome(handle, schema);
    const { events } = await handle.fetchHistory();
    const started = events?.map(
      (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name,
    );
    expect(started?.filter((type) => type === 'extractSegment')).toEqual([]);
    await stop();
  });

  test('a segment that an earlier run of this workflow id still extracts makes the run wait when it ends', async () => {
    const { source, stop, handle: earlier } = await parkedRun(1);
    const { run } = await earlier.query<Progress>(QUERY_PROGRESS);
    source.hang();
    const child = segmentWorkflowId(earlier.workflowId, 1);
    await operator.reset(child);
    await until(
      () => Promise.resolve(source.hanging),
      (hanging) => hanging >= 1,
    );
    await earlier.terminate('by a test');
    const { pipeline, schema } = harness.define(table, { source: { segments: 5 } });
    const handle = await harness.start({ pipeline }, earlier.workflowId);
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ extract }) => extract?.external === 1,
    );
    source.fix();
    const { extract } = await operator.parked<Progress>(handle);
    expect(extract?.unfinished).toMatchObject([
      { child: '1', state: 'failed', error: expect.stringContaining(`run ${run} had its id`) },
    ]);
    await operator.ended(child, 'COMPLETED');
    await operator.update(handle.workflowId, RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('segments that a reset run did not start itself make it wait when they fail', async () => {
    const { source, stop, handle, schema } = await resetInMidExtraction('FirstWorkflowTask');
    source.refuse();
    await operator.parked(handle);
    const { extract } = await handle.query<Progress>(QUERY_PROGRESS);
    expect(extract).toMatchObject({ failed: 3, external: 0 });
    expect(extract?.unfinished.map(({ error }) => error)).toEqual(
      Array.from({ length: 3 }, () => 'segment is broken by this test'),
    );
    expect(await operator.update(handle.workflowId, RETRY_SEGMENT)).toBe('retrying 0, 1, 2');
    source.fix();
    await expectHome(handle, schema);
    await stop();
  });

  test('segments that a reset run did not start itself make it wait when they are terminated, and it says so', async () => {
    const { source, stop, handle, schema } = await resetInMidExtraction('FirstWorkflowTask');
    const { extract: before } = await handle.query<Progress>(QUERY_PROGRESS);
    expect(before?.unfinished.map(({ state }) => state)).toEqual(['external', 'external', 'external']);
    await terminateSegments(handle);
    const { extract } = await operator.parked<Progress>(handle);
    expect(extract?.unfinished.map(({ error }) => error)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/TERMINATED.*retry/)),
    );
    source.fix();
    await operator.signal(handle.workflowId, RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('a retry of all completes terminated segments that a reset run did not start itself', async () => {
    const { source, stop, handle, schema } = await resetInMidExtraction('FirstWorkflowTask');
    await terminateSegments(handle);
    expect(await operator.update(handle.workflowId, RETRY_SEGMENT)).toBe('retrying 0, 1, 2');
    source.fix();
    await expectHome(handle, schema);
    await stop();
  });

  test('a run that is reset while its segments run waits for them and completes', async () => {
    const { source, stop, handle, schema } = await resetInMidExtraction('FirstWorkflowTask');
    source.fix();
    await expectHome(handle, schema);
    await stop();
  });
});
