import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type DataApiService, RawJson } from './operations.ts';
import { httpStatus, ServiceError } from './service-error.ts';

const contentType = 'application/x-amz-json-1.1';
const targetPrefix = 'RedshiftData.';
/** More than forty statements and their parameters ever need. */
const maxBodyBytes = 4 * 1024 * 1024;

/** awsJson1.1: `POST /`, the operation in `X-Amz-Target`, errors by `__type`. Signatures are not checked. */
export function createHttpServer(service: DataApiService): Server {
  return createServer((request, response) => {
    void answer(service, request, response).catch(() => response.destroy());
  });
}

async function answer(
  service: DataApiService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const target = request.headers['x-amz-target'];
    if (request.method !== 'POST' || typeof target !== 'string' || !target.startsWith(targetPrefix)) {
      throw new ServiceError(
        'UnknownOperationException',
        'This is a Redshift Data API endpoint: POST with X-Amz-Target RedshiftData.<Operation>',
      );
    }
    const body = await readBody(request);
    const result = await service.perform(target.slice(targetPrefix.length), body);
    send(response, 200, result instanceof RawJson ? result.text : JSON.stringify(result));
  } catch (error) {
    const known =
      error instanceof ServiceError
        ? error
        : new ServiceError('InternalServerException', (error as Error).message);
    response.setHeader('x-amzn-ErrorType', known.type);
    send(
      response,
      httpStatus[known.type],
      JSON.stringify({
        __type: known.type,
        Message: known.message,
        message: known.message,
        ...known.members,
      }),
    );
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'x-amzn-requestid': randomUUID(),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBodyBytes) throw new ServiceError('SerializationException', 'The request is too large');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch {
    throw new ServiceError('SerializationException', 'The request is not JSON');
  }
}
