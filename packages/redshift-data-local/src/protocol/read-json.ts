import type { IncomingMessage } from 'node:http';
import { ServiceError } from './service-error.ts';

/** More than 40 statements with their parameters need. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The request's body; an empty one is an empty object. @throws SerializationException. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new ServiceError('SerializationException', 'The request is too large');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch {
    throw new ServiceError('SerializationException', 'The request is not JSON');
  }
}
