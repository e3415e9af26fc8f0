import type { Client } from '@temporalio/client';
import type { FollowStaging } from '../../contract/changes/catch-up.ts';
import { SIGNAL_FOLLOW_STAGING } from '../../contract/changes/catch-up.ts';
import { applyWorkflowId, followWorkflowId } from '../../contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';

/** The workflows that follow a table are started by what needs them first; one that runs is left as it is. */

interface OfDestination {
  readonly pipeline: string;
  readonly destination: string;
}

/** Starts `followChanges`, unless it runs. */
export async function startFollowChanges(client: Client, pipeline: string): Promise<void> {
  await client.workflow.start('followChanges', {
    workflowId: followWorkflowId(pipeline),
    ...{ taskQueue: CONTROL_TASK_QUEUE, workflowIdConflictPolicy: 'USE_EXISTING' },
    args: [{ pipeline }],
    staticSummary: `follows the table of ${pipeline}`,
  });
}

/** Starts `applyChanges`, unless it runs. */
export async function startApplyChanges(client: Client, of: OfDestination): Promise<void> {
  await client.workflow.start('applyChanges', {
    ...applyOptions(of),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

/** Asks the destination to follow a staging schema; starts it unless it runs. */
export async function signalFollowStaging(
  client: Client,
  of: OfDestination,
  request: FollowStaging,
): Promise<void> {
  await client.workflow.signalWithStart('applyChanges', {
    ...applyOptions(of),
    ...{ signal: SIGNAL_FOLLOW_STAGING, signalArgs: [request] },
  });
}

const applyOptions = ({ pipeline, destination }: OfDestination) => ({
  workflowId: applyWorkflowId(pipeline, destination),
  taskQueue: CONTROL_TASK_QUEUE,
  args: [{ pipeline, destination }] as [OfDestination],
  staticSummary: `applies changes of ${pipeline} to ${destination}`,
});
