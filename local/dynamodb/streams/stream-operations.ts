import { z } from 'zod';
import { DynamodbError } from '../dynamodb-error.ts';
import { type Sequence, sequenceOf, sequenceText } from './sequence-numbers.ts';
import type { Shard } from './shard.ts';
import { iteratorOf, positionOf, refuseExpired } from './shard-iterator.ts';
import type { Stream } from './stream.ts';
import type { StreamOperation } from './stream-faults.ts';
import type { Streams } from './streams.ts';

/** The most that one GetRecords returns. */
const MAX_BYTES = 1024 * 1024;

const List = z.object({
  TableName: z.string().optional(),
  ExclusiveStartStreamArn: z.string().optional(),
  Limit: z.number().int().min(1).max(100).default(100),
});
const Describe = z.object({
  StreamArn: z.string(),
  ExclusiveStartShardId: z.string().optional(),
  Limit: z.number().int().min(1).max(100).default(100),
  ShardFilter: z.object({ Type: z.literal('CHILD_SHARDS'), ShardId: z.string() }).optional(),
});
const GetIterator = z.object({
  StreamArn: z.string(),
  ShardId: z.string(),
  ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
  SequenceNumber: z.string().optional(),
});
const GetRecords = z.object({
  ShardIterator: z.string(),
  Limit: z.number().int().min(1).max(1000).default(1000),
});

export type StreamOperations = Readonly<Record<StreamOperation, (request: unknown) => object | Buffer>>;

/**
 * The operations of DynamoDB Streams. They throw DynamodbError.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 * @param isEmpty whether this answer has no records although there are some
 */
export function streamOperations(streams: Streams, isEmpty: () => boolean): StreamOperations {
  return {
    ListStreams(request) {
      const { TableName, ExclusiveStartStreamArn, Limit } = parse(List, request);
      const all = streams.all().filter(({ table }) => TableName === undefined || isTable(table, TableName));
      const { page, last } = pageOf(all, ({ arn }) => arn, ExclusiveStartStreamArn, Limit);
      return {
        Streams: page.map(({ arn, table, label }) => ({
          StreamArn: arn,
          TableName: table.name,
          StreamLabel: label,
        })),
        ...(last !== undefined && { LastEvaluatedStreamArn: last.arn }),
      };
    },

    DescribeStream(request) {
      const { StreamArn, ExclusiveStartShardId, Limit, ShardFilter } = parse(Describe, request);
      const stream = existing(streams, StreamArn);
      const shards =
        ShardFilter === undefined
          ? stream.shards
          : stream.shards.filter(({ parent }) => parent === ShardFilter.ShardId);
      const { page, last } = pageOf(shards, ({ id }) => id, ExclusiveStartShardId, Limit);
      return {
        StreamDescription: {
          StreamArn: stream.arn,
          StreamLabel: stream.label,
          StreamStatus: stream.isEnabled ? 'ENABLED' : 'DISABLED',
          StreamViewType: stream.viewType,
          CreationRequestDateTime: stream.createdAtMs / 1000,
          TableName: stream.table.name,
          KeySchema: stream.table.keySchema,
          Shards: page.map(describedShard),
          ...(last !== undefined && { LastEvaluatedShardId: last.id }),
        },
      };
    },

    GetShardIterator(request) {
      const parsed = parse(GetIterator, request);
      const stream = existing(streams, parsed.StreamArn);
      const shard = existingShard(stream, parsed.ShardId);
      const after = startOf(shard, parsed, streams.sequences.last);
      const issuedAtMs = stream.clock.nowMs();
      return { ShardIterator: iteratorOf({ stream: stream.arn, shard: shard.id, after, issuedAtMs }) };
    },

    GetRecords(request) {
      const { ShardIterator, Limit } = parse(GetRecords, request);
      const position = positionOf(ShardIterator);
      const stream = existing(streams, position.stream);
      refuseExpired(position, stream.clock.nowMs());
      const { records, ending } = existingShard(stream, position.shard);
      if (position.after < records.trimmedUpTo) throw trimmed();
      const found: Buffer[] = [];
      let size = 0;
      let { after } = position;
      // Not past what was recorded by now, even if nothing is found: the next iterator is from here on.
      let isAll = true;
      for (const record of records.after(position.after)) {
        const isFull = found.length === Limit || (found.length > 0 && size + record.size > MAX_BYTES);
        if (isFull || (found.length === 0 && isEmpty())) {
          isAll = false;
          break;
        }
        found.push(record.bytes);
        size += record.size;
        after = record.sequence;
      }
      if (isAll) after = Math.max(after, streams.sequences.last);
      const next =
        isAll && ending !== undefined
          ? undefined
          : iteratorOf({ ...position, after, issuedAtMs: stream.clock.nowMs() });
      return answerOf(found, next);
    },
  };
}

/** The JSON of an answer, from records that are JSON already. */
function answerOf(records: readonly Buffer[], next: string | undefined): Buffer {
  const parts: Buffer[] = [
    Buffer.from(
      next === undefined ? '{"Records":[' : `{"NextShardIterator":${JSON.stringify(next)},"Records":[`,
    ),
  ];
  const comma = Buffer.from(',');
  for (const [index, record] of records.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(record);
  }
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}

/** After which sequence number a new iterator begins. */
function startOf(
  shard: Shard,
  { ShardIteratorType: type, SequenceNumber: text }: z.output<typeof GetIterator>,
  last: Sequence,
): Sequence {
  const { records, starting, ending } = shard;
  if (type === 'TRIM_HORIZON') return Math.max(starting, records.trimmedUpTo);
  if (type === 'LATEST') return last;
  if (text === undefined) {
    throw new DynamodbError('ValidationException', `${type} needs a SequenceNumber.`);
  }
  const sequence = sequenceOf(text);
  if (sequence === undefined || sequence > (ending ?? last)) {
    throw new DynamodbError('ValidationException', `The shard ${shard.id} has no sequence number ${text}.`);
  }
  if (sequence < starting || sequence <= records.trimmedUpTo) throw trimmed();
  return type === 'AT_SEQUENCE_NUMBER' ? sequence - 1 : sequence;
}

function trimmed(): DynamodbError {
  return new DynamodbError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );
}

function describedShard({ id, parent, starting, ending }: Shard): object {
  return {
    ShardId: id,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceText(starting),
      ...(ending !== undefined && { EndingSequenceNumber: sequenceText(ending) }),
    },
    ...(parent !== undefined && { ParentShardId: parent }),
  };
}

function existing(streams: Streams, arn: string): Stream {
  const stream = streams.byArn(arn);
  if (stream !== undefined) return stream;
  throw new DynamodbError(
    'ResourceNotFoundException',
    `Requested resource not found: Stream: ${arn} not found`,
  );
}

function existingShard(stream: Stream, id: string): Shard {
  const shard = stream.shard(id);
  if (shard !== undefined) return shard;
  throw new DynamodbError(
    'ResourceNotFoundException',
    `Requested resource not found: Shard does not exist: ${id} in ${stream.arn}`,
  );
}

function isTable(table: Stream['table'], named: string): boolean {
  return table.name === named || table.arn === named;
}

/** @throws DynamodbError if the start is unknown */
function pageOf<T>(all: readonly T[], idOf: (one: T) => string, after: string | undefined, limit: number) {
  const start = after === undefined ? 0 : all.findIndex((each) => idOf(each) === after) + 1;
  if (after !== undefined && start === 0) {
    throw new DynamodbError('ResourceNotFoundException', `Requested resource not found: ${after}`);
  }
  const page = all.slice(start, start + limit);
  return { page, last: start + limit < all.length ? page.at(-1) : undefined };
}

function parse<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new DynamodbError('ValidationException', z.prettifyError(parsed.error));
}
