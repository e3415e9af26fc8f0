import { beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { Terminal } from '../../../src/clients/errors.ts';
import type { TableSource } from '../../../src/clients/table-source.ts';
import {
  CONTROL_TASK_QUEUE,
  type RefreshResult,
  retry,
  startRefresh,
  status,
  type Workflows,
} from '../../../src/index.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';

describe('the client for other TypeScript code', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  let broken = true;

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 20 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' } })),
    );
    const real = harness.dependencies.source;
    const source: TableSource = {
      describe: (name, options) => real.describe(name, options),
      scanPage: (request) =>
        broken && request.segment === 1 && request.limit === undefined
          ? Promise.reject(new Terminal('AccessDenied', 'The role may not scan this table.'))
          : real.scanPage(request),
    };
    await harness.startWorkers({ ...harness.dependencies, source });
  });

  test('starts a run once, reports that it waits and why, retries it, and returns its result', async () => {
    const { client } = harness;
    const { pipeline } = harness.define(table, { source: { segments: 3 } });
    const run = uniqueName('run');
    const started = await startRefresh(client, { pipeline, run });
    expect(started).toEqual({ workflowId: `refresh-${pipeline}-${run}`, run });
    await expect(startRefresh(client, { pipeline, run })).rejects.toBeInstanceOf(
      WorkflowExecutionAlreadyStartedError,
    );

    const { workflowId } = started;
    const seen = await until(
      () => status(client, workflowId),
      ({ state }) => state === 'waiting',
    );
    expect(seen).toMatchObject({ pipeline, run, closedAt: undefined, failure: undefined });
    expect(seen.progress?.extract).toMatchObject({ failed: 1, settled: 2, total: 3 });

    await expect(retry(client, workflowId, { segment: 7 })).rejects.toThrow(/has no segment 7/);
    await expect(retry(client, workflowId, { table })).rejects.toThrow(/tables are loaded later/);
    broken = false;
    expect(await retry(client, workflowId)).toBe('retrying 1');

    const result: RefreshResult = await client.workflow.getHandle(workflowId).result();
    expect(result).toMatchObject({ run, status: 'replaced', items: 20 });
    expect(await status(client, workflowId)).toMatchObject({ state: 'completed', result });
    await expect(retry(client, workflowId)).rejects.toThrow(/has ended \(completed\)/);
  });

  test('names each run that was given no name, and reports why a run failed', async () => {
    const { client } = harness;
    const { workflowId, run } = await startRefresh(client, { pipeline: 'nowhere' });
    expect(run).toMatch(/^\d{8}t\d{6}z_[0-9a-f]{6}$/);
    await expect(client.workflow.getHandle(workflowId).result()).rejects.toThrow('Workflow execution failed');
    expect(await status(client, workflowId)).toMatchObject({
      state: 'failed',
      failure: { code: 'UnknownPipeline', message: 'No pipeline "nowhere".' },
    });
  });

  test('leaves the workflows themselves to be started by name, with typed inputs and results', async () => {
    const { pipeline } = harness.define(table);
    const backups = await harness.client.workflow.execute<Workflows['listBackups']>('listBackups', {
      workflowId: uniqueName('backups'),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ pipeline }],
    });
    expect(backups.live).toBeNull();
  });

  test('says so if Temporal knows no such run', async () => {
    await expect(status(harness.client, 'refresh-nowhere-never')).rejects.toBeInstanceOf(
      WorkflowNotFoundError,
    );
  });
});
