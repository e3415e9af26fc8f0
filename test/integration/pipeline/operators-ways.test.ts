import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import { findPart } from '../../../local/parts/find-part.ts';
import { temporal } from '../../../local/parts/temporal.ts';
import {
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  segmentWorkflowId,
} from '../../../src/workflows/messages.ts';
import { testStack } from '../setup/stack.ts';
import { BrokenSegments } from './broken-segments.ts';
import { Harness, uniqueName } from './harness.ts';
import { until } from './until.ts';

const run = promisify(execFile);

describe("an operator's ways to bring a run home", () => {
  let harness: Harness;
  const table = uniqueName('items');

  beforeAll(async () => {
    harness = await Harness.start();
    await createTable(harness.dynamodb, table);
    await loadItems(
      harness.dynamodb,
      table,
      Array.from({ length: 200 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' }, n: { N: String(i) } })),
    );
  });
  afterAll(() => harness?.close());

  const cli = async (...words: string[]) => {
    const { path } = await findPart(temporal, { log: () => {} });
    const where = ['--address', testStack().temporal.address, '--namespace', harness.namespace];
    return (await run(path, [...words, ...where])).stdout;
  };

  /** A run of five segments, parked because some of them are refused. */
  async function parkedRun(...broken: number[]) {
    const source = new BrokenSegments(harness.dependencies.source, broken);
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 5 } });
    const handle = await harness.start({ pipeline, definition });
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      (progress) => progress.state === 'waiting',
    );
    return { source, stop, handle, schema };
  }

  async function expectHome(handle: WorkflowHandle, schema: string) {
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 200 });
    expect(await harness.rowsOf(schema, table)).toHaveLength(200);
  }

  test('a parked run says which segment failed, why, and that it waits: to queries, in its memo', async () => {
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
    expect(memo).toMatchObject({ tributary: 'waiting for an operator: extract 4/5, 1 failed' });
    source.mend();
    await handle.signal(RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('the stock CLI starts the failed segment again by its id', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    source.mend();
    const id = segmentWorkflowId(handle.workflowId, 1);
    const input = (await harness.client.workflow.getHandle(id).fetchHistory()).events?.[0]
      ?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    await cli(
      'workflow',
      'start',
      '--type',
      'extractSegment',
      '--task-queue',
      'tributary',
      '--workflow-id',
      id,
      '--input',
      Buffer.from(input as Uint8Array).toString('utf8'),
    );
    await expectHome(handle, schema);
    await stop();
  });

  test('the stock CLI resets the failed segment', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    source.mend();
    await cli(
      'workflow',
      'reset',
      '--workflow-id',
      segmentWorkflowId(handle.workflowId, 1),
      '--type',
      'FirstWorkflowTask',
      '--reason',
      'mended',
    );
    await expectHome(handle, schema);
    await stop();
  });

  test('all failed segments at once, by the stock CLI', async () => {
    const { source, stop, handle, schema } = await parkedRun(0, 2, 4);
    source.mend();
    await cli('workflow', 'update', 'execute', '--workflow-id', handle.workflowId, '--name', RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('a retry that reaches a worker just started is taken, though its failure came in the task before', async () => {
    const { source, stop, handle, schema } = await parkedRun(3);
    await stop();
    source.mend();
    const retrying = handle.executeUpdate(RETRY_SEGMENT, { args: [3] });
    const stopAgain = await harness.startWorkers({ ...harness.dependencies, source });
    expect(await retrying).toBe('3: retrying');
    await expectHome(handle, schema);
    await stopAgain();
  });

  test('a segment that fails again parks the run again, and can be retried again', async () => {
    const { source, stop, handle, schema } = await parkedRun(3);
    await handle.executeUpdate(RETRY_SEGMENT, { args: [3] });
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      (progress) => progress.state === 'waiting',
    );
    source.mend();
    await handle.executeUpdate(RETRY_SEGMENT, { args: [] });
    await expectHome(handle, schema);
    await stop();
  });

  test('a run and its state can be listed by search attributes, where they are registered', async () => {
    await harness.client.connection.operatorService.addSearchAttributes({
      namespace: harness.namespace,
      searchAttributes: { TributaryPipeline: 2, TributaryRun: 2, TributaryState: 2 },
    });
    await until(
      async () =>
        (
          await harness.client.connection.operatorService.listSearchAttributes({
            namespace: harness.namespace,
          })
        ).customAttributes,
      (found) => found?.TributaryState === 2,
    );
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
    source.mend();
    await handle.signal(RETRY_SEGMENT);
    await expectHome(handle, schema);
    await stop();
  });

  test('cancelling a parked run cancels what it started, also a segment reset by hand, and leaves live alone', async () => {
    const { source, stop, handle, schema } = await parkedRun(1);
    source.hang();
    const child = segmentWorkflowId(handle.workflowId, 1);
    await cli('workflow', 'reset', '--workflow-id', child, '--type', 'FirstWorkflowTask', '--reason', 'test');
    await until(
      () => Promise.resolve(source.hanging),
      (hanging) => hanging === 1,
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await until(
      async () => (await harness.client.workflow.getHandle(child).describe()).status.name,
      (status) => status === 'CANCELLED',
    );
    expect(await harness.tablesOf(schema)).toEqual([]);
    await stop();
  });

  test('a completed run that is reset ends well, and live stays as it is', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const handle = await harness.start({ pipeline });
    await expectHome(handle, schema);
    for (const how of [
      ['--type', 'FirstWorkflowTask'],
      ['--type', 'FirstWorkflowTask', '--reapply-exclude', 'All'],
      ['--type', 'LastWorkflowTask'],
    ]) {
      await cli('workflow', 'reset', '--workflow-id', handle.workflowId, ...how, '--reason', 'test');
      await expectHome(harness.client.workflow.getHandle(handle.workflowId), schema);
    }
    const schemas = await harness.sql(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${schema}%'`,
    );
    expect(schemas).toEqual([{ name: schema }]);
    await stop();
  });

  test('a run that is reset to any of its phases ends well, and live stays whole', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const handle = await harness.start({ pipeline });
    await expectHome(handle, schema);
    // The first run's history: where each phase had begun, by the activity it begins with.
    const first = harness.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    const { events = [] } = await first.fetchHistory();
    const resetPoints: string[] = [];
    for (const activity of ['sealRun', 'nextStaging', 'verifyStaging', 'replaceLive', 'writeReport']) {
      const scheduled = events?.find(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
      );
      resetPoints.push(String(scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId));
    }
    expect(new Set(resetPoints).size).toBe(5);
    for (const eventId of resetPoints) {
      await cli(
        ...['workflow', 'reset', '--workflow-id', handle.workflowId, '--run-id', handle.firstExecutionRunId],
        ...['--event-id', eventId, '--reason', 'test'],
      );
      await expectHome(harness.client.workflow.getHandle(handle.workflowId), schema);
    }
    const schemas = await harness.sql(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${schema}%'`,
    );
    expect(schemas).toEqual([{ name: schema }]);
    await stop();
  });

  test('a run that is reset while its segments run waits for them, and ends well', async () => {
    const source = new BrokenSegments(harness.dependencies.source, [0, 1, 2]);
    source.hang();
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 3 } });
    const handle = await harness.start({ pipeline, definition });
    await until(
      () => Promise.resolve(source.hanging),
      (hanging) => hanging >= 3,
    );
    await cli(
      'workflow',
      'reset',
      '--workflow-id',
      handle.workflowId,
      '--type',
      'FirstWorkflowTask',
      '--reason',
      'test',
    );
    const again = harness.client.workflow.getHandle(handle.workflowId);
    // Whoever goes on, the old children or new ones: their scans are let go only now.
    await until(
      () => again.query<Progress>(QUERY_PROGRESS),
      ({ extract }) => extract !== undefined && extract.waiting === 0,
    );
    source.mend();
    await expectHome(again, schema);
    await stop();
  });
});
