import type { Client } from '@temporalio/client';
import { workflowInput } from '../../activities/temporal/workflow-input.ts';

/** The input of a workflow; undefined if it is not available for any reason. It is only displayed. */
export async function knownInput<Input>(
  client: Client,
  execution: { readonly workflowId: string; readonly runId?: string },
): Promise<Partial<Input> | undefined> {
  const input = await workflowInput(client, execution).catch(() => undefined);
  return typeof input === 'object' && input !== null ? (input as Partial<Input>) : undefined;
}
