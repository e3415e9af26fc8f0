import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { CONTROL_TASK_QUEUE, type Progress, segmentWorkflowId } from '../../../src/contract/refresh.ts';
import type { Manifest } from '../../../src/pipeline/run/manifest.ts';
import { stepProgressOf } from '../../../src/pipeline/run/step-progress.ts';
import { readManifest } from '../../../src/store/run-files.ts';
import { ExtractionThreads } from '../../../src/workers/threads/extraction-threads.ts';
import type { inferSchema } from '../../../src/workflows/infer/infer-schema.ts';
import type { FailingThread } from './failing-thread.ts';
import { type Overrides, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

const SEGMENTS = 4;

describe('segments extracted in threads', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  const failures = new Int32Array(new SharedArrayBuffer(4 * SEGMENTS));
  const threads = new ExtractionThreads({
    most: 2,
    heapMegabytes: 128,
    environment: { ...process.env, ...harness.environment },
    module: new URL('./failing-thread.ts', import.meta.url),
    data: { failures, pageItems: 100 } satisfies FailingThread,
  });
  harness.onClose(() => threads.close());
  let stop: () => Promise<void>;

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
  });
  afterEach(() => stop());

  const define = (overrides: Overrides = {}) =>
    harness.define(table, { ...overrides, source: { segments: SEGMENTS, ...overrides.source } });

  /** What a run extracted: everything in its manifest that does not name the run or its time. */
  async function extracted(pipeline: ReturnType<typeof define>, run: string) {
    const { bucket: _, ...staging } = pipeline.definition.staging;
    const ref = { ...pipeline.definition.staging, ...staging, pipeline: pipeline.pipeline, run };
    const { items, odd, rejects, tables }: Manifest = await readManifest(harness.store, ref);
    return {
      items,
      odd,
      rejects,
      tables: tables.map(({ files, layouts: _layouts, ...found }) => ({
        ...found,
        rows: files.reduce((sum, { rows }) => sum + rows, 0),
      })),
    };
  }

  /** The heartbeat of a segment's activity. */
  async function heartbeatOf(workflowId: string) {
    const [activity] =
      (await harness.client.workflow.getHandle(workflowId).describe()).raw.pendingActivities ?? [];
    const [details] = activity?.heartbeatDetails?.payloads ?? [];
    return stepProgressOf(details == null ? undefined : defaultPayloadConverter.fromPayload(details));
  }

  test('arrive as if extracted in one, also if a thread runs out of memory; only its segments are tried again', async () => {
    const overrides = { staging: { cutBytes: 1 } };
    const one = define(overrides);
    stop = await harness.startWorkers();
    await harness.runToEnd({ pipeline: one.pipeline, run: 'one', to: 'seal' });
    await stop();

    const several = define(overrides);
    stop = await harness.startWorkers(harness.dependencies, threads);
    failures[1] = 2;
    const handle = await harness.start({ pipeline: several.pipeline, run: 'several', to: 'seal' });
    expect(await handle.result()).toMatchObject({ status: 'seal', items: 1680 });
    expect(failures[1]).toBe(0);
    expect(await extracted(several, 'several')).toEqual(await extracted(one, 'one'));
    const { events } = await harness.client.workflow
      .getHandle(segmentWorkflowId(handle.workflowId, 1))
      .fetchHistory();
    const started = events?.find((event) => event.activityTaskStartedEventAttributes != null);
    expect(started?.activityTaskStartedEventAttributes).toMatchObject({
      attempt: 3,
      lastFailure: {
        message: expect.stringMatching(/ran out of memory: it needed more than 128 MB of heap/),
        applicationFailureInfo: { type: 'ThreadLost', nonRetryable: false },
      },
    });
  });

  test('park their run when their threads are lost five times in a row without progress', async () => {
    const pipeline = define();
    stop = await harness.startWorkers(harness.dependencies, threads);
    failures[2] = 5;
    const handle = await harness.start({ pipeline: pipeline.pipeline, run: 'deadly', to: 'extract' });
    const parked = await until(
      () => handle.query<Progress>('progress'),
      ({ state }) => state === 'waiting',
    );
    expect(parked.extract).toMatchObject({
      settled: SEGMENTS - 1,
      unfinished: [
        {
          child: '2',
          error: expect.stringMatching(
            /^5 workers in a row died or froze at the same place: segment 2 of run deadly, reading /,
          ),
        },
      ],
    });
    await handle.executeUpdate('retrySegment');
    expect(await handle.result()).toMatchObject({ status: 'extract', items: 1680 });
  });

  test('share the read rate, say that they wait for it, and are cancelled with their run', async () => {
    const pipeline = define({ source: { readUnitsPerSecond: 1 } });
    stop = await harness.startWorkers(harness.dependencies, threads);
    const handle = await harness.start({ pipeline: pipeline.pipeline, run: 'slow' });
    const heartbeat = await until(
      () => heartbeatOf(segmentWorkflowId(handle.workflowId, 0)),
      ({ waiting, items = 0 }) => waiting !== undefined && items > 0,
    );
    expect(heartbeat).toMatchObject({
      doing: expect.stringContaining(`reading ${table}`),
      waiting: { for: 'read rate', why: "the run's readUnitsPerSecond, 1, is used up" },
    });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
  });

  test('are inspected by an inference in the same way', async () => {
    const pipeline = define();
    stop = await harness.startWorkers(harness.dependencies, threads);
    failures[3] = 1;
    const result = await harness.client.workflow.execute<typeof inferSchema>('inferSchema', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('infer'),
      args: [{ pipeline: pipeline.pipeline }],
    });
    expect(result).toMatchObject({ items: 1680, agreed: true });
    expect(failures[3]).toBe(0);
  });
});
