import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { TerminatedFailure, WorkflowNotFoundError } from '@temporalio/common';
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

/** Terminates a workflow, if it is running. */
export async function terminate(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).terminate('chaos');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** Terminates all workflows that Temporal lists as running and whose ids match. */
export async function terminateAll(client: Client, ids: RegExp): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
    if (ids.test(workflowId)) await terminate(client, workflowId);
}

/** Runs that start again, under their ids, when they were terminated. */
export class Restarted {
  readonly #client: Client;
  readonly #type: string;
  #running: string[] = [];

  constructor(client: Client, type: string) {
    this.#client = client;
    this.#type = type;
  }

  /** A run until its end. @throws if it fails */
  async run<Result>(id: string, input: object): Promise<Result> {
    for (;;) {
      const handle = await startWorkflow(this.#client, this.#type, id, input);
      this.#running.push(id);
      try {
        return (await handle.result()) as Result;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure)) throw error;
      } finally {
        this.#running = this.#running.filter((each) => each !== id);
      }
    }
  }

  get running(): readonly string[] {
    return this.#running;
  }

  /** Terminates all that are running. */
  async terminate(): Promise<void> {
    for (const id of this.#running) await terminate(this.#client, id);
  }
}
