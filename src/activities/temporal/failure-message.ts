import type { Client } from '@temporalio/client';
import type { ProtoFailure } from '@temporalio/common';
import { decodedPayload } from './decoded-payload.ts';

/** The message of a failure that the SDK has not decoded. Encoded failures have it in a payload. */
export async function failureMessage(client: Client, failure: ProtoFailure): Promise<string> {
  const { encodedAttributes, message } = failure;
  if (!encodedAttributes) return message ?? '';
  try {
    const attributes = (await decodedPayload(client, encodedAttributes)) as { message?: unknown } | null;
    return typeof attributes?.message === 'string' ? attributes.message : (message ?? '');
  } catch {
    return message ?? '';
  }
}
