import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parseRecordsResponse } from '../../../../src/clients/dynamodb/streams-response.ts';

/** As in AWS's documentation, with an item that JavaScript's objects and numbers would change. */
const record = {
  awsRegion: 'us-east-1',
  dynamodb: {
    ApproximateCreationDateTime: 1.46480646e9,
    Keys: { id: { N: '12345678901234567890' } },
    NewImage: { id: { N: '12345678901234567890' } },
    SequenceNumber: '300000000000000499659',
    SizeBytes: 41,
    StreamViewType: 'NEW_IMAGE',
  },
  eventID: 'e2fd9c34eff2d779b297b26f5fef4206',
  eventName: 'INSERT',
  eventSource: 'aws:dynamodb',
  eventVersion: '1.0',
};
const parse = (answer: unknown, headers = {}) =>
  parseRecordsResponse(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)), headers);

describe('an answer of GetRecords', () => {
  test('has its records with exact values, and the next iterator', () => {
    expect(parse({ Records: [record], NextShardIterator: 'next' })).toEqual({
      records: [
        {
          sequence: '300000000000000499659',
          kind: 'INSERT',
          at: 1_464_806_460,
          key: record.dynamodb.Keys,
          image: record.dynamodb.NewImage,
          expired: false,
          bytes: 41,
        },
      ],
      nextIterator: 'next',
    });
  });

  test.each([[{ Records: [] }], [{ Records: [], NextShardIterator: null }]])(
    '%j ends the shard',
    (answer) => {
      expect(parse(answer)).toEqual({ records: [], nextIterator: undefined });
    },
  );

  test('keeps attributes named like built-ins, and keys with escapes', () => {
    const image = '{"__proto__":{"S":"a"},"\\\\":{"S":"b"},"\\"":{"S":"c"}}';
    const text = JSON.stringify({ Records: [record] }).replace('"NewImage":', `"NewImage":${image},"Old":`);
    const names = Object.keys(parse(text).records[0]!.image!);
    expect(names).toEqual(['__proto__', '\\', '"']);
  });

  test.each([
    [{ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' }, true],
    [{ Type: 'Service', PrincipalId: 'replication.dynamodb.amazonaws.com' }, false],
    [null, false],
  ])('a record of %j: expired is %s', (userIdentity, expired) => {
    expect(parse({ Records: [{ ...record, userIdentity }] }).records[0]!.expired).toBe(expired);
  });

  test('is accepted with its checksum', () => {
    const text = JSON.stringify({ Records: [record] });
    expect(parse(text, { 'x-amz-crc32': String(crc32(text)) }).records).toHaveLength(1);
  });

  test.each([
    ['another checksum', '{"Records":[]}', { 'x-amz-crc32': '1' }],
    ['half of it', '{"Records":[', {}],
    ['nothing', '', {}],
    ['no records', '{}', {}],
    ['an unknown event', { Records: [{ ...record, eventName: 'OTHER' }] }, {}],
    ['no key', { Records: [{ ...record, dynamodb: { ...record.dynamodb, Keys: undefined } }] }, {}],
    [
      'a damaged number',
      { Records: [{ ...record, dynamodb: { ...record.dynamodb, SequenceNumber: 'x' } }] },
      {},
    ],
  ])('with %s is damaged, and requested again', (_what, answer, headers) => {
    const expected = { name: 'Transient', code: 'DamagedAnswer', $retryable: { throttling: false } };
    expect(() => parse(answer, headers)).toThrow(expect.objectContaining(expected));
  });
});
