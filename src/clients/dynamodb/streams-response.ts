import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import type { StreamRecord } from '../change-stream.ts';
import { Transient } from '../errors.ts';
import { isExpiry, type RecordsAnswer, sentRecords } from './sent-records.ts';

const item = z.custom<Item>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
const Record_ = z
  .object({
    eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
    dynamodb: z.object({
      ApproximateCreationDateTime: z.number(),
      Keys: item,
      NewImage: item.nullish(),
      OldImage: item.nullish(),
      SequenceNumber: z.string().regex(/^\d{1,40}$/),
      SizeBytes: z.number().default(0),
    }),
    userIdentity: z.object({ PrincipalId: z.string().nullish(), Type: z.string().nullish() }).nullish(),
  })
  .transform(
    ({ eventName, dynamodb, userIdentity }): StreamRecord => ({
      sequence: dynamodb.SequenceNumber,
      kind: eventName,
      at: dynamodb.ApproximateCreationDateTime,
      key: dynamodb.Keys,
      ...(dynamodb.NewImage && { image: dynamodb.NewImage }),
      ...(dynamodb.OldImage && { before: dynamodb.OldImage }),
      expired: isExpiry(userIdentity),
      bytes: dynamodb.SizeBytes,
    }),
  );

const Answer = z.object({ Records: z.array(Record_), NextShardIterator: z.string().nullish() }).transform(
  ({ Records, NextShardIterator }): RecordsAnswer => ({
    records: Records,
    nextIterator: NextShardIterator ?? undefined,
  }),
);

/**
 * Reads a response of GetRecords. Nothing is lost: every attribute becomes an own property, whatever its name, and in
 * DynamoDB's protocol, numbers and binary are JSON strings.
 * @param headers of the response. DynamoDB sends `x-amz-crc32`, the CRC-32 of the body in decimal; a proxy may drop it.
 * @throws Transient `DamagedAnswer` if the bytes are not what DynamoDB sent. It has `$retryable`, so the SDK calls again.
 */
export function parseRecordsResponse(
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): RecordsAnswer {
  const crc = headers['x-amz-crc32'];
  if (crc !== undefined && Number(crc) !== crc32(body)) throw damaged('its CRC-32 is not that of the header');
  // The sum proves that it is what DynamoDB sent, and so that it is JSON.
  const found = crc === undefined || !isUtf8(body) ? undefined : sentRecords(body);
  if (found !== undefined) return found;
  let answer: unknown;
  try {
    answer = parseExactly(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Omits the parser's message, which quotes the data.
    throw damaged('it is not JSON in UTF-8');
  }
  const parsed = Answer.safeParse(answer);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path }) => path.join('.'));
    throw damaged(`it has another form than documented, at ${where.slice(0, 3).join(', ')}`);
  }
  return parsed.data;
}

function damaged(what: string): Transient {
  const error = new Transient(
    'DamagedAnswer',
    `An answer of DynamoDB Streams arrived damaged: ${what}. The records are read again.`,
  );
  return Object.assign(error, { $retryable: { throttling: false } });
}
