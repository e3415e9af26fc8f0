import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StreamRecord } from '../../../../src/clients/change-stream.ts';
import { parseRecordsResponse } from '../../../../src/clients/dynamodb/streams-response.ts';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { RecordsWriter } from '../../../../src/store/changes/record-files.ts';
import { decompress } from '../../../../src/store/part-buffer.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\\"', '}]', '\n', '__proto__'),
);
const item = fc.dictionary(
  text,
  fc.oneof(
    text.map((S) => ({ S })),
    fc.array(text).map((SS) => ({ SS })),
  ),
);
const record = fc.record(
  {
    eventName: fc.constantFrom('INSERT', 'MODIFY', 'REMOVE'),
    userIdentity: fc.constantFrom(null, { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' }),
    dynamodb: fc.record(
      {
        ApproximateCreationDateTime: fc.nat(),
        Keys: text.map((S) => ({ id: { S } })),
        NewImage: item,
        OldImage: fc.option(item),
        SequenceNumber: fc.constantFrom('1', '300000000000000499659'),
        SizeBytes: fc.nat(),
        StreamViewType: fc.constant('NEW_IMAGE'),
      },
      { requiredKeys: ['ApproximateCreationDateTime', 'Keys', 'SequenceNumber'] },
    ),
  },
  { requiredKeys: ['eventName', 'dynamodb'] },
);
const answer = fc.record(
  { Records: fc.array(record, { maxLength: 5 }), NextShardIterator: fc.option(text) },
  { requiredKeys: ['Records'] },
);

const plain = ({ sequence, kind, at, key, image, before, expired, bytes }: StreamRecord) => ({
  ...{ sequence, kind, at, key, image, before, expired, bytes },
});
const withSum = (body: Buffer) => parseRecordsResponse(body, { 'x-amz-crc32': String(crc32(body)) });

async function textOf(writer: RecordsWriter): Promise<string> {
  const written: Uint8Array[] = [];
  const put: ObjectStore['put'] = async (_, body) => {
    written.push(body as Uint8Array);
    return 'etag' as never;
  };
  const log = { store: { bucket: 'b', put } as ObjectStore, at: { prefix: 'p', pipeline: 'p', epoch: 'e' } };
  await writer.write(log, { shard: 's', number: 1, attempt: 'a' }, new AbortController().signal);
  return decompress('file.zst', written[0]!);
}

describe('an answer of GetRecords with its sum', () => {
  test('has the records that a parser finds in it, and the bytes of their images', () => {
    fc.assert(
      fc.property(answer, (sent) => {
        const body = Buffer.from(JSON.stringify(sent));
        const [found, parsed] = [withSum(body), parseRecordsResponse(body, {})];
        expect(found.nextIterator).toBe(parsed.nextIterator);
        expect(found.records.map(plain)).toEqual(parsed.records.map(plain));
        for (const each of found.records) expect(each.sent?.body).toBe(body);
      }),
    );
  });

  test('is parsed if it is written otherwise', () => {
    const sent = {
      Records: [
        {
          eventName: 'INSERT',
          dynamodb: { ApproximateCreationDateTime: 1, Keys: { id: { S: 'a' } }, SequenceNumber: '1' },
        },
      ],
    };
    const [found] = withSum(Buffer.from(JSON.stringify(sent, null, 1))).records;
    expect(found).toMatchObject({ sequence: '1', key: { id: { S: 'a' } } });
    expect(found?.sent).toBeUndefined();
  });

  test.each([
    ['no records', '{}'],
    ['a record without a key', '{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1"}}]}'],
    ['another kind', '{"Records":[{"eventName":"TRUNCATE","dynamodb":{}}]}'],
    ['an end too early', '{"Records":['],
    ['half a character', Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x7d])],
  ])('is refused if it has %s', (_, body) => {
    expect(() => withSum(Buffer.from(body))).toThrow('arrived damaged');
  });

  test('is written to the log as a parsed one is, but for how its JSON is written', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (sent) => {
        const body = Buffer.from(JSON.stringify(sent));
        const written = async (take: (writer: RecordsWriter) => void) => {
          const writer = new RecordsWriter();
          take(writer);
          return [await textOf(writer), writer.records];
        };
        const { records } = withSum(body);
        const asSent = await written((writer) => {
          for (const each of records) writer.appendSent(each, each.sent!);
        });
        const asParsed = await written((writer) => {
          for (const { sequence, kind, at, key, image, before, expired } of records)
            writer.append({
              ...{ sequence, kind, at, key },
              ...(image === undefined ? {} : { image }),
              ...(before === undefined ? {} : { before }),
              ...(expired ? { expired } : {}),
            });
        });
        expect(asSent).toEqual(asParsed);
      }),
    );
  });
});
