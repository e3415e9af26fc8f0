import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { decodedPayload } from './decoded-payload.ts';

const NOT_FOUND = 5;

/** The codecs or the converter of this client cannot decode the input. The message is theirs. */
export class UndecodableInput extends Error {}

/**
 * The first argument of a workflow; undefined if the workflow is gone or was started without one.
 * @throws Temporal's other errors, and UndecodableInput
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
    return payload == null ? undefined : await decodedInput(client, payload);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || (error as { code?: unknown }).code === NOT_FOUND)
      return undefined;
    throw error;
  }
}

async function decodedInput(client: Client, payload: Payload): Promise<unknown> {
  try {
    return await decodedPayload(client, payload);
  } catch (error) {
    throw new UndecodableInput(messageOf(error), { cause: error });
  }
}
