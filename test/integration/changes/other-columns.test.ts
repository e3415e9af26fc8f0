import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { applyWorkflowId, triggeredRefreshId } from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE, type RefreshResult } from '../../../src/contract/refresh.ts';
import { readPlan } from '../../../src/store/run-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { HeldStatements } from './held-statements.ts';
import { numbered, progressOf, RefreshedTable } from './refreshed-table.ts';

const harness = withHarness();
const held = new HeldStatements();
beforeAll(() => harness.startWorkers(held.in(harness.dependencies)));

const tableOf = (ids: readonly string[]) => new RefreshedTable(harness, held).with(ids);

async function planOf(table: RefreshedTable, run: string) {
  const { bucket, prefix } = table.known.definition.staging;
  return readPlan(harness.store, { pipeline: table.pipeline, run, bucket, prefix });
}

const resultOf = async (handle: WorkflowHandle) => (await handle.result()) as RefreshResult;

const textOf = async (table: RefreshedTable, id: string) =>
  (await harness.sql(`SELECT "n" FROM "${table.schema}"."${table.table}" WHERE "id" = '${id}'`))[0]?.n;

async function stagingSchemas(table: RefreshedTable): Promise<string[]> {
  const rows = await harness.sql(
    `SELECT nspname AS "name" FROM pg_namespace WHERE nspname LIKE '${table.schema}\\_\\_%'`,
  );
  return rows.map(({ name }) => String(name)).filter((name) => !name.includes('_backup'));
}

/** A run that has caught up and waits for its destination, which is paused: changes are applied only to its staging schema. */
async function pausedRun(table: RefreshedTable) {
  await (await table.refresh()).result();
  await table.untilEqual();
  await table.destination.executeUpdate('pause', { args: ['maintenance'] });
  const handle = await table.refresh();
  const { run = '' } = await untilPaused(handle);
  return { handle, run };
}

const untilPaused = (handle: WorkflowHandle, run?: string) =>
  until(
    () => progressOf(handle),
    (progress) => progress.catchUp?.state === 'paused' && (run === undefined || progress.run === run),
  );

describe('a change of a type that arrives while a run catches up', () => {
  test('gets through: the run makes its tables again from its part files, without a scan', async () => {
    const table = await tableOf(numbered(5));
    const { handle, run } = await pausedRun(table);
    await table.put('i1', { n: { S: 'text' } });
    await untilPaused(handle, `${run}_w2`);
    await table.destination.executeUpdate('resume');
    expect(await resultOf(handle)).toMatchObject({ run: `${run}_w2`, status: 'replaced' });
    expect((await planOf(table, `${run}_w2`)).refersTo?.run).toBe(run);
    expect((await progressOf(handle)).origin).toMatch(/takes the part files of run/);
    expect(await textOf(table, 'i1')).toBe('text');
    expect(await stagingSchemas(table)).toEqual([]);
    await table.put('i1', { n: { S: 'later' } });
    await until(
      () => textOf(table, 'i1'),
      (text) => text === 'later',
    );
    const triggered = `WorkflowId = "${triggeredRefreshId(table.pipeline, 'warehouse')}"`;
    expect((await harness.client.workflow.count(triggered)).count).toBe(0);
  });

  test('gets through in the first run of a pipeline, also if the value is overwritten meanwhile', async () => {
    const table = await tableOf(numbered(3));
    await harness.client.workflow.start('applyChanges', {
      ...{ workflowId: applyWorkflowId(table.pipeline, 'warehouse'), taskQueue: CONTROL_TASK_QUEUE },
      args: [{ pipeline: table.pipeline, destination: 'warehouse' }],
    });
    await table.destination.executeUpdate('pause', { args: ['maintenance'] });
    const handle = await table.refresh();
    const { run: first = '' } = await untilPaused(handle);
    await table.put('i1', { n: { S: 'text' } });
    await untilPaused(handle, `${first}_w2`);
    await table.write('i1');
    await table.destination.executeUpdate('resume');
    expect(await resultOf(handle)).toMatchObject({ run: `${first}_w2`, status: 'replaced' });
    await table.untilEqual();
  });

  test('can be reset, and resumed by another workflow, also in the run that takes its place', async () => {
    const table = await tableOf(numbered(5));
    const { handle, run } = await pausedRun(table);
    await table.put('i1', { n: { S: 'text' } });
    await untilPaused(handle, `${run}_w2`);
    const { firstExecutionRunId } = handle as unknown as { firstExecutionRunId: string };
    const { runId } = await harness.client.workflowService.resetWorkflowExecution({
      namespace: harness.namespace,
      workflowExecution: { workflowId: handle.workflowId, runId: firstExecutionRunId },
      reason: 'test',
      requestId: `${handle.workflowId}-reset`,
      workflowTaskFinishEventId: 4 as never,
    });
    const again = harness.client.workflow.getHandle(handle.workflowId, runId);
    await untilPaused(again, `${run}_w2`);
    await again.cancel();
    await expect(again.result()).rejects.toThrow(/cancelled/i);
    const resumed = await table.refresh({ run, from: 'prepare' });
    const { run: third = '' } = await until(
      () => progressOf(resumed),
      ({ run: now, catchUp }) => catchUp?.state === 'paused' && now !== run,
    );
    expect(third).toMatch(new RegExp(`^${run}_w2_[0-9a-f]{6}$`));
    await table.destination.executeUpdate('resume');
    expect(await resultOf(resumed)).toMatchObject({ run: third, status: 'replaced' });
    expect(await textOf(table, 'i1')).toBe('text');
  });
});
