import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { CatchUpActivities, RequestedRefresh } from '../../contract/changes/catch-up.ts';
import { triggeredRefreshId } from '../../contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { undecoded } from '../temporal/undecoded.ts';

/**
 * Starts a run for changes that live's columns cannot hold. The id of its workflow says whether there was one: it is the same
 * each time, so Temporal keeps what this needs to know, whatever happened to the destination's workflow.
 */
export async function requestRefresh({
  pipeline,
  destination,
  reason,
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
      await client.workflow.start('refreshWarehouse', {
        workflowId,
        ...{ taskQueue: CONTROL_TASK_QUEUE, workflowIdConflictPolicy: 'USE_EXISTING' },
        args: [{ pipeline, destination }],
        ...{ memo: { reason }, staticSummary: `refreshes ${pipeline}: ${reason}`.slice(0, 200) },
      });
      return (await lastOf(client, workflowId)) as RequestedRefresh;
    },
  );
}

async function lastOf(client: Client, workflowId: string): Promise<RequestedRefresh | undefined> {
  try {
    const { status, startTime } = await undecoded(client).workflow.getHandle(workflowId).describe();
    return { workflowId, startedAt: startTime.toISOString(), isRunning: status.name === 'RUNNING' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
