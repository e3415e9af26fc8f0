import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/**
 * The value of a payload that the SDK does not decode itself, by the client's data converter.
 * @throws what the codecs or the converter throw
 */
export async function decodedPayload(client: Client, payload: Payload): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = payload;
  // Encoded in the order of the list.
  for (const codec of payloadCodecs.toReversed()) [decoded = payload] = await codec.decode([decoded]);
  return payloadConverter.fromPayload(decoded);
}
