import { describe, expect, test } from '@jest/globals';
import { Client, type ConnectionLike } from '@temporalio/client';
import { defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import { mayBelongTo } from '../../../../src/activities/temporal/open-runs.ts';
import { decodedMemo, undecoded } from '../../../../src/activities/temporal/undecoded.ts';

const locked: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async () => {
    throw new Error('unable to authenticate data');
  },
};

const connection = { plugins: [], workflowService: {} } as unknown as ConnectionLike;
const payload = defaultPayloadConverter.toPayload('shop')!;

describe('the memo of a workflow', () => {
  test('is decoded with the converter of the client', async () => {
    const client = new Client({ connection });
    expect(await decodedMemo(client, { pipeline: payload })).toEqual({
      memo: { pipeline: 'shop' },
      undecodable: undefined,
    });
  });

  test('that a codec does not know, or refuses, is reported with its reason', async () => {
    const strange = { ...payload, metadata: { encoding: Buffer.from('binary/encrypted') } };
    expect(await decodedMemo(new Client({ connection }), { pipeline: strange })).toEqual({
      memo: undefined,
      undecodable: 'Unknown encoding: binary/encrypted',
    });
    const client = new Client({ connection, dataConverter: { payloadCodecs: [locked] } });
    expect(await decodedMemo(client, { pipeline: payload })).toMatchObject({
      undecodable: 'unable to authenticate data',
    });
  });

  test('does not fail the list that has it', () => {
    const client = new Client({
      connection,
      namespace: 'shop',
      dataConverter: { payloadCodecs: [locked] },
    });
    const { options } = undecoded(client);
    expect(options).toMatchObject({ namespace: 'shop', loadedDataConverter: { payloadCodecs: [] } });
    const { payloadConverter } = options.loadedDataConverter;
    expect(payloadConverter.fromPayload(payload)).toBe(payload);
  });
});

test('an open workflow that cannot be decoded belongs to the pipeline in its id, if it names one', () => {
  expect(mayBelongTo('shop', 'refresh-shop-first')).toBe(true);
  expect(mayBelongTo('shop', 'refresh-shop-2026-01-01T00:00:00Z')).toBe(true);
  expect(mayBelongTo('shop', 'prune-shop')).toBe(true);
  expect(mayBelongTo('shop', 'started-by-hand')).toBe(true);
  expect(mayBelongTo('shop', 'refresh-enc-first')).toBe(false);
  expect(mayBelongTo('shop', 'refresh-shopping-first')).toBe(false);
});
