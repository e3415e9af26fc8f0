import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** What a workflow was started with. Undefined where somebody's codec encoded it, or Temporal has forgotten it. */
export async function workflowInput<Input>(
  client: Client,
  execution: { readonly workflowId: string; readonly runId?: string },
): Promise<Partial<Input> | undefined> {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution,
      maximumPageSize: 1,
    });
    const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const input = defaultPayloadConverter.fromPayload<unknown>(payload as never);
    return typeof input === 'object' && input !== null ? (input as Partial<Input>) : undefined;
  } catch {
    return undefined;
  }
}
