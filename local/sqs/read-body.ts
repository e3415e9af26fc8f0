import type { IncomingMessage } from 'node:http';
import { readBytes } from '../service/read-bytes.ts';
import { SqsError } from './sqs-error.ts';

/** More than a batch of the greatest size needs, with every character escaped. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The JSON of a request. An empty body is an empty object. @throws SqsError */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const tooLarge = () => new SqsError('InvalidParameterValue', 'The request is too large.');
  const body = await readBytes(request, MAX_BYTES, tooLarge);
  try {
    return JSON.parse(body.toString() || '{}') as unknown;
  } catch {
    throw new SqsError('InvalidParameterValue', 'The request is not JSON.');
  }
}
