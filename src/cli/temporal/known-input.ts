import type { Client } from '@temporalio/client';
import { workflowInput } from '../../activities/temporal/workflow-input.ts';

/** What a workflow was started with; undefined where that cannot be known, for whatever reason: it is only shown. */
export async function knownInput<Input>(
  client: Client,
  execution: { readonly workflowId: string; readonly runId?: string },
): Promise<Partial<Input> | undefined> {
  const input = await workflowInput(client, execution).catch(() => undefined);
  return typeof input === 'object' && input !== null ? (input as Partial<Input>) : undefined;
}
