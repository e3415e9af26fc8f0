import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import type { CatchUpActivities, RequestedRefresh } from '../../contract/changes/catch-up.ts';
import { SINGLE_DESTINATION, triggeredRefreshId } from '../../contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { mayBelongTo } from '../temporal/open-runs.ts';
import { undecoded } from '../temporal/undecoded.ts';
import { UndecodableInput, workflowInput } from '../temporal/workflow-input.ts';

/**
 * Starts a run for changes that live's columns cannot hold, unless a run of the destination is under way: it makes its tables
 * again if it meets such changes. The id of its workflow says whether there was one: it is the same
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
      const underWay = await runUnderWay(client, { pipeline, destination });
      if (underWay !== undefined) return underWay;
      await client.workflow.start('refreshWarehouse', {
        workflowId,
        ...{ taskQueue: CONTROL_TASK_QUEUE, workflowIdConflictPolicy: 'USE_EXISTING' },
        // What failed over part files may succeed with the table.
        args: [{ pipeline, destination, ...(last?.hasFailed === true ? {} : { preferReuse: true }) }],
        ...{ memo: { reason }, staticSummary: `refreshes ${pipeline}: ${reason}`.slice(0, 200) },
      });
      return (await lastOf(client, workflowId)) as RequestedRefresh;
    },
  );
}

/** A run that will replace what the destination has live. Temporal's list may be a second behind: then there are two. */
async function runUnderWay(
  client: Client,
  { pipeline, destination }: { readonly pipeline: string; readonly destination: string },
): Promise<RequestedRefresh | undefined> {
  const query = 'WorkflowType="refreshWarehouse" AND ExecutionStatus="Running"';
  for await (const { workflowId, runId, startTime } of undecoded(client).workflow.list({ query })) {
    if (!mayBelongTo(pipeline, workflowId)) continue;
    const input = await workflowInput(client, { workflowId, runId }).catch((error: unknown) => {
      if (error instanceof UndecodableInput) return undefined;
      throw error;
    });
    const given = RunInput.safeParse(input).data;
    if (given?.pipeline !== pipeline || (given.to ?? 'replace') !== 'replace') continue;
    const of = given.destination ?? given.definition?.destination ?? SINGLE_DESTINATION;
    if (of === destination) return { workflowId, startedAt: startTime.toISOString(), isRunning: true };
  }
  return undefined;
}

/** What of a run's input tells which schema it replaces. */
const RunInput = z.object({
  pipeline: z.string(),
  destination: z.string().optional(),
  to: z.string().optional(),
  definition: z.object({ destination: z.string().optional() }).optional(),
});

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
