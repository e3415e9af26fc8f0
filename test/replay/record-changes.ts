import { applyWorkflowId, followWorkflowId, shardWorkflowId } from '../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { FollowedTable, idsOf } from '../integration/changes/followed-table.ts';
import type { Harness } from '../integration/pipeline/harness.ts';
import { until } from '../integration/pipeline/until.ts';

/** Keeps the history of a workflow under a name. */
type Record = (name: string, workflowId: string) => Promise<void>;

/**
 * A table that is followed while its shard rolls, applied, refreshed once more, and stopped: the histories of what follows it,
 * of the reader that came to its shard's end, of the destination, and of the run that caught up. Workers must be running.
 */
export async function recordChanges(harness: Harness, record: Record): Promise<void> {
  const overrides = { warehouse: { applySeconds: 1 } };
  const table = await new FollowedTable(harness, { settleSeconds: 1 }, overrides).create();
  const { pipeline, schema } = table.known;
  const applyId = applyWorkflowId(pipeline, 'warehouse');
  const started = [
    await table.start(),
    await harness.client.workflow.start('applyChanges', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: applyId,
      args: [{ pipeline }],
    }),
  ];
  await table.putAll(['a', 'b']);
  const first = await harness.start({ pipeline });
  await first.result();
  await table.putAll(['c', 'd']);
  await table.untilCount(4);
  const sql = `SELECT count(*) AS n FROM "${schema}"."${table.table}"`;
  const untilLive = (items: number) =>
    until(
      () => harness.sql(sql),
      ([row]) => Number(row?.n) === items,
    );
  await untilLive(4);
  await table.control('roll');
  await table.putAll(['e']);
  const [ended] = await table.untilRecorded((shards) => idsOf(shards).length === 5);
  await untilLive(5);
  const second = await harness.start({ pipeline });
  await second.result();
  await table.putAll(['f']);
  await untilLive(6);
  for (const handle of started) {
    await handle.cancel();
    await handle.result().catch(() => {});
  }
  const followId = followWorkflowId(pipeline);
  const { epoch } = (await table.log()).at;
  await record('follow-changes', followId);
  await record('read-shard', shardWorkflowId(followId, epoch, ended!.shard.shard));
  await record('apply-changes', applyId);
  await record('refresh-that-caught-up', second.workflowId);
}
