import type { IncomingMessage } from 'node:http';
import { parseExactly } from '../../src/pipeline/item/exact-json.ts';
import { DynamodbError } from './dynamodb-error.ts';

/** DynamoDB's own limit on a request, which is above what 25 items of 400 KB need. */
const MAX_BYTES = 32 * 1024 * 1024;

/** @throws DynamodbError if it is too large */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES) throw new DynamodbError('SerializationException', 'The request is too large.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
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
