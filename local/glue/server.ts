import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isAllowedHost } from '../service/allowed-host.ts';
import { listen } from '../service/listen.ts';
import { readBytes } from '../service/read-bytes.ts';
import { Catalog } from './catalog.ts';
import { GlueError } from './glue-error.ts';
import { partitionOperations } from './partition-operations.ts';
import type { Operations } from './request.ts';
import { tableOperations } from './table-operations.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET_PREFIX = 'AWSGlue.';
/** More than a hundred partitions of 1,500 columns need. */
const MAX_BYTES = 64 * 1024 * 1024;

interface GlueServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Names other than loopback's by which clients may call it. */
  readonly allowedHosts?: readonly string[];
  /** Where the catalogue is kept. Default: only in memory. */
  readonly file?: string | undefined;
}

export interface GlueServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts the local Glue: awsJson1.1 on `POST /`. Signatures must be there, but are not checked. A request whose Host header is
 * not loopback's, nor an allowed one, is refused: it may come from a web page whose name resolves to 127.0.0.1.
 */
export async function startGlueServer(options: GlueServerOptions): Promise<GlueServer> {
  const { host, port, allowedHosts = [], file } = options;
  const catalog = new Catalog(file);
  const operations = { ...tableOperations(catalog), ...partitionOperations(catalog) };
  const server = createServer((request, response) => {
    const isAllowed = isAllowedHost(request.headers.host, allowedHosts);
    const answered = isAllowed
      ? answer(operations, catalog, request, response)
      : refuseHost(request, response);
    void answered.catch(() => response.destroy());
  });
  const endpoint = await listen(server, host, port);
  return {
    endpoint,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  operations: Operations,
  catalog: Catalog,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const [name, perform] = operationOf(operations, request);
    const result = perform(await readBody(request));
    if (!/^(?:Batch)?Get/.test(name)) catalog.save();
    send(response, 200, result);
  } catch (error) {
    if (error instanceof GlueError) {
      send(response, 400, { __type: error.name, Message: error.message });
      return;
    }
    console.error(error);
    send(response, 500, { __type: 'InternalServiceException', Message: (error as Error).message });
  }
}

function operationOf(
  operations: Operations,
  { method, headers }: IncomingMessage,
): [string, NonNullable<Operations[string]>] {
  const target = headers['x-amz-target'];
  if (method !== 'POST' || typeof target !== 'string' || !target.startsWith(TARGET_PREFIX))
    throw new GlueError(
      'UnknownOperationException',
      `Expected POST / with an X-Amz-Target of ${TARGET_PREFIX}<Operation>.`,
    );
  if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
    throw new GlueError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const name = target.slice(TARGET_PREFIX.length);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined)
    throw new GlueError('UnknownOperationException', `The local Glue has no operation ${name}.`);
  return [name, operation];
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const tooLarge = () => new GlueError('InvalidInputException', 'The request is too large.');
  const body = await readBytes(request, MAX_BYTES, tooLarge);
  try {
    return JSON.parse(body.toString() || '{}') as unknown;
  } catch {
    throw new GlueError('InvalidInputException', 'The request is not JSON.');
  }
}

async function refuseHost({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const message = `This server answers on loopback only, not as ${headers.host}. GLUE_ALLOWED_HOSTS adds names.`;
  response.setHeader('connection', 'close');
  send(response, 403, { __type: 'AccessDeniedException', Message: message });
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
