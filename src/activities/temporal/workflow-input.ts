import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { decodedPayload } from './decoded-payload.ts';

const NOT_FOUND = 5;

/**
 * The first argument of a workflow; undefined if the workflow is gone or was started without one.
 * @throws Temporal's other errors, and an error if a codec has encoded the argument that this client does not have
 */
export async function workflowInput(
  client: Client,
  execution: { readonly workflowId: string; readonly runId?: string },
): Promise<unknown> {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution,
      maximumPageSize: 1,
    });
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    const [payload] = started?.input?.payloads ?? [];
    return payload == null ? undefined : await decodedPayload(client, payload);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || (error as { code?: unknown }).code === NOT_FOUND)
      return undefined;
    throw error;
  }
}
