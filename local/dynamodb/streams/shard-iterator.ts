import { z } from 'zod';
import { DynamodbError } from '../dynamodb-error.ts';

/** Where a reader is in a shard. */
const Position = z.strictObject({
  stream: z.string(),
  shard: z.string(),
  /** All records of the shard up to this sequence number have been read, or passed over. */
  after: z.number(),
  issuedAtMs: z.number(),
});
export type Position = z.output<typeof Position>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
const VALID_MS = 15 * 60 * 1000;

/** An iterator holds its position, so the server keeps none. */
export function iteratorOf(position: Position): string {
  return `${position.stream}|1|${Buffer.from(JSON.stringify(position)).toString('base64')}`;
}

/** @throws DynamodbError if it is not an iterator */
export function positionOf(iterator: string): Position {
  const parsed = Position.safeParse(decoded(iterator));
  if (!parsed.success) throw new DynamodbError('ValidationException', 'Invalid ShardIterator');
  return parsed.data;
}

/** @throws DynamodbError if an iterator has expired */
export function refuseExpired({ issuedAtMs }: Position, nowMs: number): void {
  if (issuedAtMs + VALID_MS > nowMs) return;
  throw new DynamodbError(
    'ExpiredIteratorException',
    'Iterator expired. The iterator was created more than 15 minutes ago.',
  );
}

function decoded(iterator: string): unknown {
  try {
    return JSON.parse(Buffer.from(iterator.split('|')[2] ?? '', 'base64').toString()) as unknown;
  } catch {
    return undefined;
  }
}
