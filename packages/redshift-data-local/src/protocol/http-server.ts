import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AllowedHosts } from './allowed-hosts.ts';
import { CONTROL_PREFIX, type ControlApi } from './control-api.ts';
import type { DataApiService } from './data-api-service.ts';
import { readJson } from './read-json.ts';
import { HTTP_STATUS, ServiceError } from './service-error.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET_PREFIX = 'RedshiftData.';

/**
 * awsJson1.1: `POST /`, the operation in `X-Amz-Target`, errors by `__type`. Signatures are not checked. Below
 * `/_control/` is the server's own endpoint. A request whose Host header is not one of `hosts` is refused.
 */
export function createHttpServer(service: DataApiService, control: ControlApi, hosts: AllowedHosts): Server {
  const server = createServer((request, response) => {
    if (!hosts.has(request.headers.host)) {
      refuseHost(request, response);
      return;
    }
    const answered = request.url?.startsWith(CONTROL_PREFIX)
      ? control.answer(request, response)
      : answer(service, request, response);
    void answered.catch(() => response.destroy());
  });
  // A slow client must not find its kept-alive connection closed at its next call, as after Node's default of 5 s.
  server.keepAliveTimeout = 120_000;
  return server;
}

function refuseHost({ headers }: IncomingMessage, response: ServerResponse): void {
  const message = `This server answers on loopback only, not as ${headers.host}. --allowed-hosts adds names.`;
  response.writeHead(403, { 'content-type': CONTENT_TYPE, connection: 'close' });
  response.end(JSON.stringify({ __type: 'AccessDeniedException', message }));
}

async function answer(
  service: DataApiService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const target = request.headers['x-amz-target'];
    if (request.method !== 'POST' || typeof target !== 'string' || !target.startsWith(TARGET_PREFIX)) {
      throw new ServiceError(
        'UnknownOperationException',
        `Expected POST / with an X-Amz-Target of ${TARGET_PREFIX}<Operation>`,
      );
    }
    const { json, isLost } = await service.perform(
      target.slice(TARGET_PREFIX.length),
      await readJson(request),
    );
    if (isLost) request.socket.resetAndDestroy();
    else send(response, 200, json);
  } catch (error) {
    const known =
      error instanceof ServiceError
        ? error
        : new ServiceError('InternalServerException', (error as Error).message);
    response.setHeader('x-amzn-ErrorType', known.type);
    const { type: __type, message, members } = known;
    send(
      response,
      HTTP_STATUS[known.type],
      JSON.stringify({ __type, Message: message, message, ...members }),
    );
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    'x-amzn-requestid': randomUUID(),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
