import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { undecoded } from '../../activities/temporal/undecoded.ts';

/** The type of the newest workflow with this id; undefined if there is none. */
export async function workflowType(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    return (await undecoded(client).workflow.getHandle(workflowId).describe()).type;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
