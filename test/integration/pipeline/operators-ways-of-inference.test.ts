import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { InferInput, InferProgress, InferResult } from '../../../src/contract/infer.ts';
import {
  CONTROL_TASK_QUEUE,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  SIGNAL_SEGMENT_FAILED,
  SIGNAL_SEGMENT_SETTLED,
  segmentWorkflowId,
} from '../../../src/contract/refresh.ts';
import { Inference, inferenceKey } from '../../../src/pipeline/run/inference.ts';
import { BrokenSegments } from './broken-segments.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { Operator } from './operator.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

const ITEMS = 200;
const SEGMENTS = 3;

describe("an operator's ways to complete an inference", () => {
  const harness = withHarness();
  const operator = new Operator(harness);
  let stop: () => Promise<void> = async () => {};
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: ITEMS }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' }, n: { N: String(i) } })),
    );
  });
  afterEach(() => stop());

  interface StartedInference {
    readonly handle: WorkflowHandle;
    readonly source: BrokenSegments;
    readonly of: TestPipeline;
  }

  /** Started by hand, so that it chooses its own name. */
  async function inference(
    source: BrokenSegments,
    input: Partial<InferInput> = {},
  ): Promise<StartedInference> {
    stop = await harness.startWorkers({ ...harness.dependencies, source });
    const of = harness.define(table, { source: { segments: SEGMENTS } });
    const handle = await harness.client.workflow.start('inferSchema', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('infer'),
      args: [{ pipeline: of.pipeline, ...input }],
    });
    return { handle, source, of };
  }

  async function parkedInference(...broken: number[]): Promise<StartedInference> {
    const parked = await inference(new BrokenSegments(harness.dependencies.source, broken));
    await operator.parked<InferProgress>(parked.handle);
    return parked;
  }

  const newest = ({ handle }: StartedInference) => harness.client.workflow.getHandle(handle.workflowId);

  async function expectHome(started: StartedInference): Promise<InferResult> {
    const result = (await newest(started).result()) as InferResult;
    expect(result).toMatchObject({ items: ITEMS, rejects: 0, agreed: true, drift: { revision: 1 } });
    const { pipeline, definition } = started.of;
    const key = inferenceKey({ pipeline, prefix: definition.staging.prefix }, result.inference);
    const found = Inference.parse(JSON.parse(Buffer.from((await harness.store.get(key))!.body).toString()));
    expect(found.tables).toMatchObject([{ name: table, rows: ITEMS }]);
    return result;
  }

  test('a waiting inference shows which segment failed, why, and what to do: in queries, memo, details and status', async () => {
    const parked = await parkedInference(1);
    const { handle, source } = parked;
    const progress = await handle.query<InferProgress>(QUERY_PROGRESS);
    expect(progress).toMatchObject({
      phase: 'scan',
      state: 'waiting',
      scan: {
        settled: 2,
        failed: 1,
        total: SEGMENTS,
        unfinished: [
          {
            child: '1',
            workflowId: segmentWorkflowId(handle.workflowId, 1),
            state: 'failed',
            error: 'segment is broken by this test',
          },
        ],
      },
    });
    const { inference: name = '' } = progress;
    await until(
      () => operator.memo(handle.workflowId),
      (memo) => memo?.tributary === 'waiting for you: scan 2/3, 1 failed' && memo.inference === name,
    );
    const details = await until(
      () => operator.currentDetails(handle.workflowId),
      (found) => found.includes('segment is broken by this test'),
    );
    expect(details).toContain('`retrySegment`');
    const status = await operator.tributary('status', name);
    expect(status).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('segment 1 failed: segment is broken by this test'),
    });
    expect(status.stdout).toContain(`npx tributary retry ${name} --segment 1`);
    expect(JSON.parse((await operator.tributary('status', name, '--json')).stdout)).toMatchObject({
      inference: name,
      state: 'waiting',
      progress: { scan: { failed: 1 } },
    });

    // Once retried, it no longer says so, even while the segment still runs.
    source.hang();
    await operator.signal(handle.workflowId, RETRY_SEGMENT);
    await until(
      () => operator.memo(handle.workflowId),
      (memo) => memo?.tributary === 'scan 2/3',
    );
    source.fix();
    await expectHome(parked);
    expect(await operator.tributary('status', handle.workflowId)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('read 200 items'),
    });
  });

  test('an inference ignores segment messages that no segment sent', async () => {
    const parked = await parkedInference(1);
    for (const signal of [SIGNAL_SEGMENT_SETTLED, SIGNAL_SEGMENT_FAILED]) {
      for (const argument of [[], [null], [{}], [{ segment: 1 }]])
        await parked.handle.signal(signal, ...argument);
    }
    expect(await parked.handle.query<InferProgress>(QUERY_PROGRESS)).toMatchObject({ state: 'waiting' });
    parked.source.fix();
    await operator.signal(parked.handle.workflowId, RETRY_SEGMENT);
    await expectHome(parked);
  });

  test('a segment that an earlier inference of this workflow id still scans makes the inference wait when it ends', async () => {
    const { handle: earlier, source, of } = await parkedInference(1);
    const { inference: name } = await earlier.query<InferProgress>(QUERY_PROGRESS);
    const { workflowId } = earlier;
    source.hang();
    await operator.reset(segmentWorkflowId(workflowId, 1));
    await until(
      () => Promise.resolve(source.hanging),
      (hanging) => hanging >= 1,
    );
    await earlier.terminate('by a test');
    const handle = await harness.client.workflow.start('inferSchema', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId,
      args: [{ pipeline: of.pipeline }],
    });
    await until(
      () => handle.query<InferProgress>(QUERY_PROGRESS),
      ({ scan }) => scan?.external === 1,
    );
    expect((await operator.tributary('status', workflowId)).stdout).toMatch(/scan: .*, 1 external/);
    source.fix();
    const { scan } = await operator.parked<InferProgress>(handle);
    expect(scan?.unfinished).toMatchObject([
      { child: '1', state: 'failed', error: expect.stringContaining(`inference ${name} had its id`) },
    ]);
    await operator.ended(segmentWorkflowId(workflowId, 1), 'COMPLETED');
    await operator.update(workflowId, RETRY_SEGMENT);
    await expectHome({ handle, source, of });
  });

  const ways: [string, (parked: StartedInference) => Promise<unknown>][] = [
    ['an update that names it', ({ handle }) => operator.update(handle.workflowId, RETRY_SEGMENT, 1)],
    ['a signal that names it', ({ handle }) => operator.signal(handle.workflowId, RETRY_SEGMENT, 1)],
    ['a reset of its workflow', ({ handle }) => operator.reset(segmentWorkflowId(handle.workflowId, 1))],
    [
      'starting its workflow again by its id',
      ({ handle }) => operator.startAgain(segmentWorkflowId(handle.workflowId, 1)),
    ],
    [
      'tributary retry --segment',
      async ({ handle }) =>
        expect(await operator.tributary('retry', handle.workflowId, '--segment', '1')).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('1: retrying'),
        }),
    ],
  ];

  test.each(ways)('%s completes a failed segment', async (_, way) => {
    const parked = await parkedInference(1);
    parked.source.fix();
    await way(parked);
    await expectHome(parked);
  });

  test('the stock CLI retries all failed segments at once', async () => {
    const parked = await parkedInference(0, 2);
    parked.source.fix();
    expect(await operator.update(parked.handle.workflowId, RETRY_SEGMENT)).toBe('retrying 0, 2');
    await expectHome(parked);
  });

  test('tributary retry NAME retries all, even those that fail again, and says if there is nothing to retry', async () => {
    const parked = await parkedInference(0, 2);
    const { inference: name = '' } = await parked.handle.query<InferProgress>(QUERY_PROGRESS);
    expect(await operator.tributary('retry', name, '--segment', '7')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${name} has no segment 7`),
    });
    expect((await operator.tributary('retry', name, '--table', table)).code).toBe(2);
    expect((await operator.tributary('retry', name)).stdout).toContain('retrying 0, 2');
    expect(await operator.tributary('status', name, '--wait')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`Fix the cause, then run: npx tributary retry ${name}\n`),
    });
    parked.source.fix();
    expect((await operator.tributary('retry', name)).code).toBe(0);
    expect((await operator.tributary('status', name, '--wait')).code).toBe(0);
    await expectHome(parked);
    expect(await operator.tributary('retry', name)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing to retry'),
    });
  });

  test('an update that names no segment is refused', async () => {
    const parked = await parkedInference(1);
    await expect(operator.update(parked.handle.workflowId, RETRY_SEGMENT, 'one')).rejects.toThrow(
      "expected a segment's number",
    );
    parked.source.fix();
    await parked.handle.signal(RETRY_SEGMENT);
    await expectHome(parked);
  });

  test('a retry that reaches a new worker is accepted, although the failure came in the task before', async () => {
    const parked = await parkedInference(1);
    await stop();
    parked.source.fix();
    const retrying = parked.handle.executeUpdate(RETRY_SEGMENT, { args: [1] });
    stop = await harness.startWorkers({ ...harness.dependencies, source: parked.source });
    expect(await retrying).toBe('1: retrying');
    await expectHome(parked);
  });

  test('a retry signal and a cancellation that reach a new worker together end it as cancelled', async () => {
    const parked = await parkedInference(1);
    await stop();
    await operator.signal(parked.handle.workflowId, RETRY_SEGMENT);
    await parked.handle.cancel();
    stop = await harness.startWorkers({ ...harness.dependencies, source: parked.source });
    await expect(parked.handle.result()).rejects.toThrow('Workflow execution cancelled');
  });

  test('cancelling a waiting inference cancels its segments, even those reset or started by hand', async () => {
    const { handle, source } = await parkedInference(0, 2);
    source.hang();
    const children = [0, 2].map((each) => segmentWorkflowId(handle.workflowId, each));
    await operator.reset(children[0]!);
    await operator.startAgain(children[1]!);
    await until(
      async () => source.hanging,
      (hanging) => hanging >= 2,
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    for (const child of children) await operator.ended(child, 'CANCELLED');
  });

  test('an inference that is reset while its segments run waits for them and completes', async () => {
    const source = new BrokenSegments(harness.dependencies.source, [0, 1, 2]);
    source.hang();
    const started = await inference(source);
    await until(
      async () => source.hanging,
      (hanging) => hanging >= SEGMENTS,
    );
    await operator.reset(started.handle.workflowId);
    await until(
      () => newest(started).query<InferProgress>(QUERY_PROGRESS),
      ({ scan }) => scan?.external === SEGMENTS,
    );
    source.fix();
    await expectHome(started);
  });

  test('a waiting inference that is reset retries its failed segment', async () => {
    const parked = await parkedInference(1);
    parked.source.fix();
    await operator.reset(parked.handle.workflowId);
    await expectHome(parked);
  });

  test('a completed inference that is reset to the beginning or any phase returns the same result again', async () => {
    const started = await inference(new BrokenSegments(harness.dependencies.source, []));
    const first = await expectHome(started);
    const original = harness.client.workflow.getHandle(
      started.handle.workflowId,
      (await started.handle.describe()).runId,
    );
    const points = await operator.pointsBefore(
      original,
      'planInference',
      'inferSegment',
      'concludeInference',
    );
    expect(new Set(points).size).toBe(3);
    const { runId } = await original.describe();
    for (const how of [
      ...points.map((point) => ['--run-id', runId, '--event-id', point]),
      ['--type', 'FirstWorkflowTask', '--reapply-exclude', 'All'],
      ['--type', 'LastWorkflowTask'],
    ]) {
      await operator.reset(started.handle.workflowId, ...how);
      expect(await expectHome(started)).toEqual({ ...first, seconds: expect.any(Number) });
    }
  });

  test('a waiting inference can be listed by its state if the search attributes are registered', async () => {
    await harness.registerSearchAttributes();
    const parked = await parkedInference(1);
    const listed = async (query: string) => {
      const found: string[] = [];
      for await (const one of harness.client.workflow.list({ query })) found.push(one.workflowId);
      return found;
    };
    await until(
      () => listed(`TributaryState = "waiting" AND TributaryPipeline = "${parked.of.pipeline}"`),
      (found) => found.length === 1 && found[0] === parked.handle.workflowId,
    );
    parked.source.fix();
    await parked.handle.signal(RETRY_SEGMENT);
    await expectHome(parked);
    await until(
      () => listed('TributaryState = "waiting"'),
      (found) => found.length === 0,
    );
  });
});
