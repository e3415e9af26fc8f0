import { beforeAll, describe, expect, test } from '@jest/globals';
import { triggeredRefreshId } from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { logCheckpointKey } from '../../../src/pipeline/changes/change-directory.ts';
import { planKey } from '../../../src/pipeline/run/run-directory.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { idsOf, type RecordedShard } from './followed-table.ts';
import { HeldStatements } from './held-statements.ts';
import { numbered, progressOf, RefreshedTable } from './refreshed-table.ts';
import { untilHealthy } from './until-healthy.ts';

const harness = withHarness();
const held = new HeldStatements();
beforeAll(() => harness.startWorkers(held.in(harness.dependencies)));

const tableOf = (ids: readonly string[], partitions = 1) =>
  new RefreshedTable(harness, held).with(ids, partitions);

describe('the first refresh of a pipeline that follows its table', () => {
  test('starts what follows the table, and live equals the table after changes', async () => {
    const table = await tableOf(numbered(20), 2);
    const handle = await table.refresh();
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
    await table.untilEqual();
    await table.write('new');
    await table.write('i3');
    await table.delete('i4');
    await table.untilEqual();
    expect(await table.progress()).toMatchObject({ state: 'following', gaps: [] });
    await untilHealthy(() => table.applied());
  });

  test('records in its plan where its data begins, and what it set aside in its schema', async () => {
    const table = await tableOf(['a']);
    const { run } = (await (await table.refresh({ to: 'prepare' })).result()) as { run: string };
    const { prefix } = table.known.definition.staging;
    const body = await harness.store.get(planKey({ prefix, pipeline: table.pipeline, run }));
    const { changes } = JSON.parse(Buffer.from(body!.body).toString('utf8'));
    const positions = await harness.sql(
      `SELECT "epoch", "shard", "checkpoint", "ended" FROM "${table.schema}__${run}_1"."_tributary_positions"`,
    );
    const { log } = { log: await table.log() };
    expect(changes).toMatchObject({ epoch: log.at.epoch, positions: [{ ended: false }] });
    expect(positions).toEqual([{ epoch: log.at.epoch, ...changes.positions[0] }]);
  });
});

describe('a refresh while changes are applied', () => {
  test('never takes an item back, and live equals the table afterwards', async () => {
    const ids = numbered(30);
    const table = await tableOf(ids, 2);
    await (await table.refresh()).result();
    await table.untilEqual();
    const stopWriting = table.writing(ids);
    const back: string[] = [];
    let samples = 0;
    let watching = true;
    const watch = (async () => {
      let last = await table.live();
      for (; watching; samples++) {
        const now = await table.live();
        for (const [id, n] of last) if ((now.get(id) ?? 0) < n) back.push(`${id}: ${n} to ${now.get(id)}`);
        last = now;
      }
    })();
    expect(await (await table.refresh()).result()).toMatchObject({ status: 'replaced' });
    const inLive = samples;
    await until(
      async () => samples,
      (count) => count > inLive + 5,
    );
    await stopWriting();
    await table.untilEqual();
    watching = false;
    await watch;
    expect(back).toEqual([]);
  });

  test('can be reset while it catches up', async () => {
    const table = await tableOf(numbered(5));
    await (await table.refresh()).result();
    const { handle, release } = await table.catchingUp();
    await expect(progressOf(handle)).resolves.toMatchObject({ phase: 'replace' });
    const { firstExecutionRunId } = handle as unknown as { firstExecutionRunId: string };
    const { runId } = await harness.client.workflowService.resetWorkflowExecution({
      namespace: harness.namespace,
      workflowExecution: { workflowId: handle.workflowId, runId: firstExecutionRunId },
      reason: 'test',
      requestId: `${handle.workflowId}-reset`,
      workflowTaskFinishEventId: 4 as never,
    });
    release();
    const again = harness.client.workflow.getHandle(handle.workflowId, runId);
    expect(await again.result()).toMatchObject({ status: 'replaced' });
    await table.untilEqual();
  });

  test.each(['cancelled', 'terminated'])('lets live resume if it is %s while it catches up', async (end) => {
    const table = await tableOf(numbered(5));
    await (await table.refresh()).result();
    const { handle, release } = await table.catchingUp();
    if (end === 'cancelled') await handle.cancel();
    else await handle.terminate();
    release();
    await expect(handle.result()).rejects.toThrow(/cancelled|terminated/i);
    await table.write('afterwards');
    await table.untilEqual();
  });

  test('waits with its swap while the destination is paused', async () => {
    const table = await tableOf(numbered(5));
    await (await table.refresh()).result();
    await table.untilEqual();
    await table.destination.executeUpdate('pause', { args: ['maintenance'] });
    const handle = await table.refresh();
    await until(
      () => progressOf(handle),
      ({ catchUp }) => catchUp?.state === 'paused',
    );
    await table.write('later');
    await table.untilCount(table.model.size);
    expect((await table.live()).has('later')).toBe(false);
    await table.destination.executeUpdate('resume');
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
    await table.untilEqual();
  });

  test.each(['load', 'verify', 'replace'] as const)(
    'can be resumed from %s after changes were applied to its staging schema',
    async (from) => {
      const table = await tableOf(numbered(5));
      await (await table.refresh()).result();
      await table.untilEqual();
      await table.destination.executeUpdate('pause', { args: ['maintenance'] });
      const handle = await table.refresh();
      const { run, catchUp } = await until(
        () => progressOf(handle),
        (progress) => progress.catchUp?.state === 'paused',
      );
      await table.delete('i1');
      await table.write('more');
      // Its rows are no longer those that were loaded.
      await until(
        () => table.live(`${table.schema}__${run}_1`),
        (rows) => rows.has('more') && !rows.has('i1'),
      );
      expect(catchUp).toBeDefined();
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(/cancelled/i);
      await table.destination.executeUpdate('resume');
      const resumed = await table.refresh({ run, from });
      expect(await resumed.result()).toMatchObject({ status: 'replaced' });
      await table.untilEqual();
    },
  );

  test('waits while another one of the same destination catches up', async () => {
    const table = await tableOf(numbered(5));
    await (await table.refresh()).result();
    const { handle, release } = await table.catchingUp();
    const second = await table.refresh();
    await until(
      () => progressOf(second),
      ({ catchUp }) => catchUp?.state === 'waiting',
    );
    release();
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
    expect(await second.result()).toMatchObject({ status: 'replaced' });
    await table.untilEqual();
  });

  test('catches up again if live is ahead when it would swap', async () => {
    const table = await tableOf(numbered(5));
    await (await table.refresh()).result();
    await table.untilEqual();
    const swap = `tributary replace ${table.schema}`;
    const before = held.count(swap);
    const releaseSwap = held.hold(swap);
    const handle = await table.refresh();
    await until(
      async () => held.count(swap),
      (count) => count > before,
    );
    // As an apply would that committed before the swap's guard: live is at a change that staging lacks.
    await table.write('late');
    const [shard] = await table.untilRecorded((shards) => idsOf(shards).includes('late'));
    const { number } = shard!.checkpoints.at(-1)!;
    await harness.sql(`UPDATE "${table.schema}"."_tributary_positions" SET "checkpoint" = ${number}`);
    releaseSwap();
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
    expect((await table.live()).has('late')).toBe(true);
    expect(held.count(swap)).toBeGreaterThan(before + 1);
    await table.untilEqual();
  });
});

describe('a change that no column of live can hold', () => {
  test('triggers one refresh, also if it is overwritten before the scan, and then live equals the table', async () => {
    const table = await tableOf(['a', 'b']);
    await (await table.refresh()).result();
    await table.untilEqual();
    await table.put('a', { n: { S: 'text' } });
    const { refresh } = await until(
      () => table.applied(),
      (progress) => progress.refresh !== undefined,
    );
    const workflowId = triggeredRefreshId(table.pipeline, 'warehouse');
    expect(refresh).toMatchObject({ workflowId });
    await table.write('a');
    await harness.client.workflow.getHandle(workflowId).result();
    await table.untilEqual();
    await table.put('b', { n: { S: 'fits now' } });
    await until(
      () => harness.sql(`SELECT "n" FROM "${table.schema}"."${table.table}" WHERE "id" = 'b'`),
      (rows) => rows[0]?.n === 'fits now',
    );
    const query = `WorkflowId = "${workflowId}"`;
    expect((await harness.client.workflow.count(query)).count).toBe(1);
  });
});

describe('a rollback', () => {
  test('takes the positions back with the schema: live equals the table after the next applies', async () => {
    const table = await tableOf(numbered(5));
    await (await table.refresh()).result();
    await table.write('i1');
    await table.delete('i2');
    await table.untilEqual();
    await (await table.refresh()).result();
    await table.write('i3');
    await table.untilEqual();
    await harness.client.workflow.execute('rollbackWarehouse', {
      ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: `rollback-${table.pipeline}` },
      args: [{ pipeline: table.pipeline }],
    });
    await table.write('i4');
    await table.untilEqual();
    expect((await untilHealthy(() => table.applied())).blocked).toBeUndefined();
  });

  test('to a schema that is older than the log blocks the destination, until a refresh replaces it', async () => {
    const table = await tableOf(numbered(3));
    await (await table.refresh()).result();
    await table.write('i1');
    await table.untilEqual();
    await harness.sql(`UPDATE "${table.schema}"."_tributary_positions" SET "checkpoint" = 0`);
    const { at } = await table.log();
    const [{ shard }] = (await table.recorded()) as [RecordedShard];
    const first = logCheckpointKey({ ...at, shard: shard.shard }, 1);
    await harness.store.delete([first]);
    await table.write('i2');
    const { blocked } = await until(
      () => table.applied(),
      (progress) => progress.blocked !== undefined,
    );
    expect(blocked).toMatchObject({ code: 'LogDeleted' });
    await (await table.refresh()).result();
    await table.untilEqual();
  });
});
