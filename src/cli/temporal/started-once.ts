import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/** A workflow that runs until it is stopped. */
export interface LongWorkflow {
  readonly type: string;
  readonly workflowId: string;
  readonly args: object;
  readonly memo: Readonly<Record<string, string>>;
  /** One line, for Temporal's lists. */
  readonly summary: string;
  /** Markdown, for the Web UI. */
  readonly details: string;
}

/** Starts a workflow, unless it runs. @returns whether it was started, and did not run already */
export async function startedOnce(client: Client, work: LongWorkflow): Promise<boolean> {
  const { type, workflowId, args, memo, summary, details } = work;
  try {
    await client.workflow.start(type, {
      ...{ workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [args] },
      memo: { ...memo, command: TRIBUTARY },
      ...{ staticSummary: summary, staticDetails: details },
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
