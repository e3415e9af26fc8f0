import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import {
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  segmentWorkflowId,
} from '../../../src/workflows/messages.ts';
import { BrokenSegments } from './broken-segments.ts';
import { Harness, uniqueName } from './harness.ts';
import { until } from './until.ts';

describe('a segment that fails for good', () => {
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

  const ways = {
    update: (handle: WorkflowHandle) => handle.executeUpdate(RETRY_SEGMENT, { args: [2] }),
    signal: (handle: WorkflowHandle) => handle.signal(RETRY_SEGMENT),
    'reset of the child': async (handle: WorkflowHandle) => {
      const child = harness.client.workflow.getHandle(segmentWorkflowId(handle.workflowId, 2));
      const { runId } = await child.describe();
      await harness.client.workflowService.resetWorkflowExecution({
        namespace: harness.namespace,
        workflowExecution: { workflowId: child.workflowId, runId },
        reason: 'test',
        requestId: uniqueName('reset'),
        workflowTaskFinishEventId: 4 as never,
      });
    },
  };
  test.each(['update', 'signal', 'reset of the child'] as const)(
    'leaves the others finished and the run waiting, and comes home by %s',
    async (way) => {
      const source = new BrokenSegments(harness.dependencies.source, [2]);
      const stop = await harness.startWorkers({ ...harness.dependencies, source });
      const { pipeline, schema, definition } = harness.define(table, { source: { segments: 5 } });
      const handle = await harness.start({ pipeline, definition });
      const parked = await until(
        () => handle.query<Progress>(QUERY_PROGRESS),
        (progress) => progress.state === 'waiting',
      );
      expect(parked).toMatchObject({ phase: 'extract', extract: { settled: 4, failed: 1, total: 5 } });
      expect(parked.extract?.unfinished).toEqual([
        {
          child: '2',
          workflowId: segmentWorkflowId(handle.workflowId, 2),
          state: 'failed',
          error: 'segment is broken by this test',
        },
      ]);
      const memo = await until(
        async () => (await handle.describe()).memo,
        (found) => String(found?.tributary).startsWith('waiting'),
      );
      expect(memo).toMatchObject({ tributary: 'waiting for an operator: extract 4/5, 1 failed' });

      source.mend();
      await ways[way](handle);
      expect(await handle.result()).toMatchObject({ status: 'replaced', items: 200 });
      expect(await harness.rowsOf(schema, table)).toHaveLength(200);
      await stop();
    },
  );
});
