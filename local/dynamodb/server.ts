import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isAllowedHost } from '../service/allowed-host.ts';
import { listen } from '../service/listen.ts';
import { Capture } from './capture.ts';
import { ControlApi } from './control-api.ts';
import { DynamodbError } from './dynamodb-error.ts';
import type { S3Address } from './exports/bucket.ts';
import { ExportFaults } from './exports/export-faults.ts';
import { exportOperations } from './exports/export-operations.ts';
import { Recovery } from './exports/recovery.ts';
import { TableExports } from './exports/table-exports.ts';
import { KeyLocks } from './key-locks.ts';
import { parseBody, readBody } from './read-body.ts';
import { sendAnswer, sendError, sendOwn } from './respond.ts';
import { OPERATIONS, StreamFaults, type StreamOperation } from './streams/stream-faults.ts';
import { StreamFile } from './streams/stream-file.ts';
import { streamOperations } from './streams/stream-operations.ts';
import { Streams } from './streams/streams.ts';
import { TableClocks } from './table-clocks.ts';
import { tableOperations } from './table-operations.ts';
import { Upstream } from './upstream.ts';
import { writeOperations } from './write-operations.ts';

const DYNAMODB = 'DynamoDB_20120810.';
const STREAMS = 'DynamoDBStreams_20120810.';

interface DynamodbServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The emulator that holds the tables. */
  readonly upstream: string;
  /** Names other than loopback's by which clients may call it. */
  readonly allowedHosts?: readonly string[];
  /** How many shards a new stream has. Default: 1. */
  readonly partitions?: number;
  /** What the records of all streams may occupy in memory. Default: 1 GB. */
  readonly maxRecordBytes?: number;
  /** Where streams outlive a restart. Default: they do not. */
  readonly file?: string | undefined;
  /** Where exports are written. Default: every export fails. */
  readonly s3?: S3Address | undefined;
  /** The data files of an export, of which some may be empty. Default: 3. */
  readonly exportFiles?: number;
  /** One answer of so many has no records although there are some, as on AWS. 0: none. Default: 7. */
  readonly emptyAnswerEvery?: number;
}

export interface DynamodbServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts the local DynamoDB: an emulator's tables, and Streams, which are this server's own. What neither changes a table
 * with a stream nor concerns streams is passed on byte for byte. A request whose Host header is not loopback's, nor an
 * allowed one, is refused: it may come from a web page whose name resolves to 127.0.0.1.
 */
export async function startDynamodbServer(options: DynamodbServerOptions): Promise<DynamodbServer> {
  const { host, port, allowedHosts = [], partitions = 1, emptyAnswerEvery = 7 } = options;
  const { maxRecordBytes: maxBytes = 1024 ** 3, file, s3, exportFiles = 3 } = options;
  const upstream = new Upstream(options.upstream);
  const clocks = new TableClocks();
  const streams = new Streams({
    clocks,
    maxBytes,
    file: file === undefined ? undefined : new StreamFile(file),
  });
  const faults = new StreamFaults();
  const locks = new KeyLocks();
  const recovery = new Recovery(clocks);
  const capture = new Capture(streams, recovery);
  const exportFaults = new ExportFaults();
  const exports = new TableExports({ upstream, locks, faults: exportFaults, s3, files: exportFiles });
  const control = new ControlApi({
    upstream,
    streams,
    capture,
    clocks,
    faults,
    exportFaults,
    locks,
    partitions,
  });
  const ofTables = {
    ...tableOperations({ upstream, streams, recovery, partitionsOf: control.partitionsOf }),
    ...exportOperations({ upstream, recovery, exports }),
  };
  const ofWrites = writeOperations({ upstream, capture, locks });
  let answers = 0;
  const ofStreams = streamOperations(streams, () => {
    answers += 1;
    return emptyAnswerEvery > 0 && answers % emptyAnswerEvery === 0;
  });

  const server = createServer((request, response) => {
    if (!isAllowedHost(request.headers.host, allowedHosts)) {
      response.setHeader('connection', 'close');
      const message = `This server answers on loopback only, not as ${request.headers.host}. DYNAMODB_ALLOWED_HOSTS adds names.`;
      sendError(response, new DynamodbError('AccessDeniedException', message));
      return;
    }
    if (control.isFor(request)) {
      void control.answer(request, response).catch(() => response.destroy());
      return;
    }
    const answering = answered(request, response);
    if (answering === undefined) upstream.pass(request, response);
    else void answering.catch((error: unknown) => fail(response, error));
  });
  const endpoint = await listen(server, host, port);

  return {
    endpoint,
    async close() {
      const closed = once(server, 'close');
      server.close();
      // Writes that have begun are recorded first.
      await locks.close();
      await exports.close();
      server.closeAllConnections();
      await closed;
      streams.close();
      upstream.close();
    },
  };

  /** Undefined if the request is to be passed on. */
  function answered(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    const target = request.headers['x-amz-target'];
    if (typeof target !== 'string') return undefined;
    if (target.startsWith(STREAMS)) return answerStreams(target.slice(STREAMS.length), request, response);
    if (!target.startsWith(DYNAMODB)) return undefined;
    const name = target.slice(DYNAMODB.length);
    const operation = Object.hasOwn(ofTables, name)
      ? ofTables[name]
      : capture.hasEnabled && Object.hasOwn(ofWrites, name)
        ? ofWrites[name]
        : undefined;
    if (operation === undefined) return undefined;
    return (async () => {
      const body = await readBody(request);
      const parameters = parseBody(body);
      sendAnswer(response, await operation({ incoming: request, body, parameters }));
    })();
  }

  async function answerStreams(
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const parameters = parseBody(await readBody(request));
    if (!(OPERATIONS as readonly string[]).includes(name))
      throw new DynamodbError('UnknownOperationException', `DynamoDB Streams has no operation ${name}.`);
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
      throw new DynamodbError(
        'MissingAuthenticationTokenException',
        'Request is missing Authentication Token',
      );
    faults.check(name as StreamOperation, parameters);
    sendOwn(response, 200, ofStreams[name as StreamOperation](parameters));
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (error instanceof DynamodbError) sendError(response, error);
  // As if the client had called an emulator that fails.
  else if (isConnectionError(error)) response.destroy();
  else {
    console.error(error);
    sendError(response, new DynamodbError('InternalServerError', (error as Error).message));
  }
}

function isConnectionError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).code === 'string';
}
