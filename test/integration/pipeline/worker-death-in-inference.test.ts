import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROL_TASK_QUEUE, segmentWorkflowId } from '../../../src/contract/refresh.ts';
import { InferenceCheckpoint, inferenceSegmentDirectory } from '../../../src/pipeline/run/inference.ts';
import { type Overrides, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

const ITEMS = 3_000;

describe('a worker that goes away while it scans a segment for an inference', () => {
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: ITEMS }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        text: { S: `${i} `.repeat(250) },
      })),
    );
  });
  afterEach(() => workers.endAll());

  /** An inference with one segment, slow enough for its worker to go away in the middle. */
  async function slowInference(overrides: Overrides) {
    const of = harness.define(table, overrides);
    const handle = await harness.client.workflow.start('inferSchema', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('infer'),
      args: [{ pipeline: of.pipeline, inference: 'slow' }],
    });
    const { pipeline, definition } = of;
    const folder = inferenceSegmentDirectory({ pipeline, prefix: definition.staging.prefix }, 'slow', 0);
    const checkpoints = async () => {
      const found: InferenceCheckpoint[] = [];
      for await (const { key } of harness.store.list(folder)) {
        const body = Buffer.from((await harness.store.get(key))!.body).toString();
        found.push(InferenceCheckpoint.parse(JSON.parse(body)));
      }
      return found;
    };
    return { of, handle, checkpoints };
  }

  test('killed in the middle of a scan, leaves another to continue from the last checkpoint', async () => {
    const { of, handle, checkpoints } = await slowInference({
      source: { segments: 1, readUnitsPerSecond: 25 },
      staging: { cutSeconds: 0.1 },
    });
    const first = workers.start(of);
    const before = await until(checkpoints, (found) => found.length > 0);
    expect(before.at(-1)?.done).toBe(false);
    await workers.end(first);
    workers.start(of);
    expect(await handle.result()).toMatchObject({ items: ITEMS, agreed: true });
    const after = await checkpoints();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map(({ attempt }) => attempt)).size).toBe(2);
  });

  test('asked to stop in the middle of a scan, leaves a checkpoint, and another continues at once', async () => {
    // Only the stop makes a checkpoint before the segment's end.
    const { of, handle, checkpoints } = await slowInference({
      source: { segments: 1, readUnitsPerSecond: 25 },
    });
    const first = workers.start(of);
    const child = harness.client.workflow.getHandle(segmentWorkflowId(handle.workflowId, 0));
    await until(
      async () => (await child.describe()).raw.pendingActivities ?? [],
      ([activity]) => activity?.lastHeartbeatTime != null,
    );
    await workers.end(first, 'SIGTERM');
    const before = await checkpoints();
    expect(before).toHaveLength(1);
    expect(before[0]?.done).toBe(false);
    workers.start(of);
    expect(await handle.result()).toMatchObject({ items: ITEMS, agreed: true });
    expect(await checkpoints()).toHaveLength(2);
  });
});
