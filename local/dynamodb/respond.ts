import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import type { DynamodbError } from './dynamodb-error.ts';
import type { Answer } from './upstream.ts';

const REPLACED = /^(?:content-length|x-amz-crc32|connection|keep-alive|transfer-encoding)$/i;

/** Sends an answer of the emulator, perhaps with another body, whose checksum it then gets. */
export function sendAnswer(response: ServerResponse, { status, rawHeaders, body }: Answer): void {
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (!REPLACED.test(rawHeaders[index]!)) headers.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  headers.push('content-length', String(body.length), 'x-amz-crc32', String(crc32(body)));
  response.writeHead(status, headers).end(body);
}

/** Sends an answer of this server's own. */
export function sendOwn(response: ServerResponse, status: number, result: object | Buffer): void {
  const body = Buffer.isBuffer(result) ? result : Buffer.from(JSON.stringify(result));
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
    'x-amz-crc32': String(crc32(body)),
    'content-length': body.length,
  });
  response.end(body);
}

export function sendError(response: ServerResponse, error: DynamodbError): void {
  sendOwn(response, error.status, error.body);
}
