import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';

/** Starts a workflow as `temporal workflow start` does. */
export function startWorkflow(
  client: Client,
  type: string,
  workflowId: string,
  input: object,
): Promise<WorkflowHandle> {
  return client.workflow.start(type, {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId,
    args: [input],
  });
}

/** Resets a workflow to its first task, which recovers a failed child, or to a later one. */
export async function resetTo(client: Client, workflowId: string, fraction: number): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes != null);
  const completed = tasks[Math.floor(fraction * tasks.length)];
  if (completed?.eventId == null) return;
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'chaos',
    requestId: `${runId}-${Date.now()}`,
    workflowTaskFinishEventId: completed.eventId,
  });
}

/** Waits until a workflow has ended, whatever its outcome. */
export async function ended(handle: WorkflowHandle): Promise<void> {
  await handle.result().catch((error: unknown) => {
    if (!(error instanceof WorkflowFailedError)) throw error;
  });
}
