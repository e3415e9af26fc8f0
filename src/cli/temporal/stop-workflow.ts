import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { CommandError } from '../terminal/exit-code.ts';
import type { Interrupt } from '../terminal/interrupt.ts';
import { describeWorkflow } from './known-workflow.ts';
import { GaveUpWaiting, resultOf } from './perform.ts';

/** Cancels a workflow, and waits until it has ended. @returns whether it ran */
export async function stopped(client: Client, workflowId: string, interrupt: Interrupt): Promise<boolean> {
  try {
    const { status } = await describeWorkflow(client, workflowId);
    if (status.name !== 'RUNNING') return false;
    await client.workflow.getHandle(workflowId).cancel();
    await resultOf(client, workflowId, { interrupt });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    // It was cancelled, as requested.
    if (error instanceof GaveUpWaiting || !(error instanceof CommandError)) throw error;
  }
  return true;
}
