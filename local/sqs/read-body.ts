import type { IncomingMessage } from 'node:http';
import { SqsError } from './sqs-error.ts';

/** More than a batch of the greatest size needs, with every character escaped. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The JSON of a request. An empty body is an empty object. @throws SqsError */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES) throw new SqsError('InvalidParameterValue', 'The request is too large.');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}') as unknown;
  } catch {
    throw new SqsError('InvalidParameterValue', 'The request is not JSON.');
  }
}
