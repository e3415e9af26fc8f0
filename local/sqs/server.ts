import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isAllowedHost } from '../service/allowed-host.ts';
import { listen } from '../service/listen.ts';
import { BodyStore } from './body-store.ts';
import { type Clock, STEADY_CLOCK } from './clock.ts';
import { ControlApi } from './control-api.ts';
import { Journal } from './journal.ts';
import { messageOperations } from './message-operations.ts';
import { queueOperations } from './queue-operations.ts';
import { Queues } from './queues.ts';
import { readBody } from './read-body.ts';
import type { Operations } from './request.ts';
import { Notifications, type SizeOf } from './s3-events/notifications.ts';
import { SqsError } from './sqs-error.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';
const TARGET_PREFIX = 'AmazonSQS.';

interface SqsServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Names other than loopback's by which clients may call it. */
  readonly allowedHosts?: readonly string[];
  /** Where queues and messages are kept. Default: only in memory. */
  readonly file?: string | undefined;
  /** The sizes of objects of the S3 server at an endpoint. */
  readonly sizesFrom: (endpoint: string) => SizeOf;
  readonly clock?: Clock;
}

export interface SqsServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts the local SQS: awsJson1.0 on `POST /`, and its own API below `/_control/`. Signatures must be there, but are not
 * checked. A request whose Host header is not loopback's, nor an allowed one, is refused: it may come from a web page
 * whose name resolves to 127.0.0.1.
 */
export async function startSqsServer(options: SqsServerOptions): Promise<SqsServer> {
  const { host, port, allowedHosts = [], file, sizesFrom, clock = STEADY_CLOCK } = options;
  const queues = new Queues(clock);
  const bodies = new BodyStore();
  const notifications = new Notifications((arn, body) => {
    const queue = queues.byArn(arn);
    queue?.send(bodies.store(body), undefined, queue.attributes.DelaySeconds);
    return queue !== undefined;
  });
  const journal =
    file === undefined ? undefined : await Journal.open(file, { queues, notifications }, bodies);
  const operations = { ...queueOperations(queues), ...messageOperations(queues, bodies) };
  const control = new ControlApi({ queues, notifications, sizesFrom });
  const flushed = async () => await journal?.flushed();

  const server = createServer((request, response) => {
    const isAllowed = isAllowedHost(request.headers.host, allowedHosts);
    const answered = !isAllowed
      ? refuseHost(request, response)
      : control.isFor(request)
        ? control.answer(request, response, flushed)
        : answer(operations, request, response, flushed);
    void answered.catch(() => response.destroy());
  });
  const endpoint = await listen(server, host, port);

  return {
    endpoint,
    async close() {
      server.close();
      queues.close();
      await journal?.flushed();
      server.closeAllConnections();
      await journal?.close();
    },
  };
}

async function answer(
  operations: Operations,
  request: IncomingMessage,
  response: ServerResponse,
  flushed: () => Promise<void>,
): Promise<void> {
  try {
    const perform = operationOf(operations, request);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = await readBody(request);
    const call = { origin: `http://${request.headers.host}`, signal: gone.signal };
    const result = await perform(body, call);
    await flushed();
    send(response, 200, result);
  } catch (error) {
    if (!(error instanceof SqsError)) {
      console.error(error);
      send(response, 500, { __type: 'com.amazonaws.sqs#InternalFailure', message: (error as Error).message });
      return;
    }
    response.setHeader('x-amzn-query-error', `${error.olderCode};Sender`);
    send(response, error.status, { __type: `com.amazonaws.sqs#${error.name}`, message: error.message });
  }
}

function operationOf(operations: Operations, request: IncomingMessage): Operations[string] {
  const target = request.headers['x-amz-target'];
  if (request.method !== 'POST' || typeof target !== 'string' || !target.startsWith(TARGET_PREFIX))
    throw new SqsError(
      'UnknownOperationException',
      `Expected POST / with an X-Amz-Target of ${TARGET_PREFIX}<Operation>. Clients that send XML are too old.`,
    );
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
    throw new SqsError('MissingAuthenticationToken', 'Request is missing Authentication Token.');
  const name = target.slice(TARGET_PREFIX.length);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined)
    throw new SqsError('UnsupportedOperation', `The local SQS has no operation ${name}.`);
  return operation;
}

async function refuseHost({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const message = `This server answers on loopback only, not as ${headers.host}. SQS_ALLOWED_HOSTS adds names.`;
  response.setHeader('connection', 'close');
  send(response, 403, { __type: 'com.amazonaws.sqs#AccessDeniedException', message });
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    'x-amzn-requestid': randomUUID(),
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
