import type { IncomingMessage } from 'node:http';
import { parseExactly } from '../../src/pipeline/item/exact-json.ts';
import { readBytes } from '../service/read-bytes.ts';
import { DynamodbError } from './dynamodb-error.ts';

/** DynamoDB's own limit on a request, which is above what 25 items of 400 KB need. */
const MAX_BYTES = 32 * 1024 * 1024;

/** @throws DynamodbError if it is too large */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => new DynamodbError('SerializationException', 'The request is too large.');
  return readBytes(request, MAX_BYTES, tooLarge);
}

/** The JSON of a body. An empty one is an empty object. @throws DynamodbError */
export function parseBody(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = parseExactly(body.toString() || '{}');
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Refused below.
  }
  throw new DynamodbError('SerializationException', 'The request is not a JSON object.');
}
