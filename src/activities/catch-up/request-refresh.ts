import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { CatchUpActivities, RequestedRefresh } from '../../contract/changes/catch-up.ts';
import { triggeredRefreshId } from '../../contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { runUnderWay } from '../temporal/run-under-way.ts';
import { undecoded } from '../temporal/undecoded.ts';

/**
 * Starts a run for changes that live cannot take, unless a run of the destination is under way: it makes its tables
 * again if it meets such changes. The id of its workflow says whether there was one: it is the same
 * each time, so Temporal keeps what this needs to know, whatever happened to the destination's workflow.
 */
export async function requestRefresh({
  pipeline,
  destination,
  reason,
  readsTable = false,
  atMostEverySeconds,
}: Parameters<CatchUpActivities['requestRefresh']>[0]): Promise<RequestedRefresh> {
  const { client } = Context.current();
  const workflowId = triggeredRefreshId(pipeline, destination);
  return whileHeartbeating(
    () => `asking for a refresh of ${pipeline}`,
    async () => {
      const last = await lastOf(client, workflowId);
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : Date.now() - Date.parse(last.startedAt);
      if (last !== undefined && (last.isRunning || ageMs < atMostEverySeconds * 1000)) return last;
      // If Temporal's list is behind, there are two.
      const underWay = await runUnderWay(client, { pipeline, destination });
      if (underWay !== undefined) return { ...underWay, isRunning: true };
      // What failed over part files may succeed with the table.
      const isOverLive = !readsTable && last?.hasFailed !== true;
      await client.workflow.start('refreshWarehouse', {
        workflowId,
        ...{ taskQueue: CONTROL_TASK_QUEUE, workflowIdConflictPolicy: 'USE_EXISTING' },
        args: [{ pipeline, destination, ...(isOverLive ? { preferReuse: true } : {}) }],
        ...{ memo: { reason }, staticSummary: `refreshes ${pipeline}: ${reason}`.slice(0, 200) },
      });
      return (await lastOf(client, workflowId)) as RequestedRefresh;
    },
  );
}

async function lastOf(
  client: Client,
  workflowId: string,
): Promise<(RequestedRefresh & { readonly hasFailed: boolean }) | undefined> {
  try {
    const { status, startTime } = await undecoded(client).workflow.getHandle(workflowId).describe();
    const { name } = status;
    return {
      ...{ workflowId, startedAt: startTime.toISOString(), isRunning: name === 'RUNNING' },
      hasFailed: name === 'FAILED',
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
