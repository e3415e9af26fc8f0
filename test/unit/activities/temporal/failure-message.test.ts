import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { failureMessage } from '../../../../src/activities/temporal/failure-message.ts';

/** Encodes by adding a byte in front of the data. */
const codecOf = (byte: number): PayloadCodec => ({
  encode: async (payloads) =>
    payloads.map((payload) => ({ ...payload, data: Buffer.from([byte, ...(payload.data ?? [])]) })),
  decode: async (payloads) =>
    payloads.map((payload) => {
      if (payload.data?.[0] !== byte) throw new Error('encoded by another codec');
      return { ...payload, data: payload.data.subarray(1) };
    }),
});

const clientWith = (...payloadCodecs: PayloadCodec[]) =>
  ({
    options: { loadedDataConverter: { payloadCodecs, payloadConverter: defaultPayloadConverter } },
  }) as unknown as Client;

async function encoded(...codecs: PayloadCodec[]): Promise<Payload> {
  let payloads = [defaultPayloadConverter.toPayload({ message: 'no such table', stack_trace: '' })];
  for (const codec of codecs) payloads = await codec.encode(payloads);
  return payloads[0] as Payload;
}

test('a failure that is being retried has its message, encoded or not', async () => {
  const [first, second] = [codecOf(1), codecOf(2)];
  const failure = { message: 'Encoded failure', encodedAttributes: await encoded(first, second) };
  expect(await failureMessage(clientWith(first, second), failure)).toBe('no such table');
  expect(await failureMessage(clientWith(), { message: 'plain' })).toBe('plain');
});

test('a failure that this client cannot decode says that it is encoded', async () => {
  const failure = { message: 'Encoded failure', encodedAttributes: await encoded(codecOf(1)) };
  expect(await failureMessage(clientWith(codecOf(2)), failure)).toBe('Encoded failure');
});
