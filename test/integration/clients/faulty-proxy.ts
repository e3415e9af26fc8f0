import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What becomes of one call: the server's own answer, that answer changed, another answer, or a dead line:
 * before the server saw the call, or after it did what was asked. Silence keeps the line open for ever.
 */
export type Fault =
  | 'none'
  | 'reset'
  | 'answer lost'
  | 'silence'
  | { readonly damage: (body: Buffer) => Buffer }
  | { readonly cutAfterBytes: number }
  | { readonly status: number; readonly body: string };

export interface FaultyProxy {
  readonly endpoint: string;
  /** The calls seen, each by its x-amz-target or else its method, with its body. */
  readonly calls: readonly { readonly target: string; readonly body: string }[];
  /** What becomes of each coming call, in turn; after the last, `then`. */
  next(faults: readonly Fault[], then?: Fault): void;
  /** Until a call has come since. */
  called(): Promise<void>;
  close(): Promise<void>;
}

/** A proxy in front of a real server that can fail as AWS and networks do. Bodies pass as they are. */
export async function startFaultyProxy(behind: string): Promise<FaultyProxy> {
  const calls: { target: string; body: string }[] = [];
  let coming: Fault[] = [];
  let afterwards: Fault = 'none';
  let arrival = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const target = incoming.headers['x-amz-target'] ?? incoming.method ?? '';
    calls.push({ target: String(target), body: body.toString('utf8') });
    arrival.resolve();
    const fault = coming.shift() ?? afterwards;
    if (fault === 'silence') return;
    if (fault === 'reset') {
      incoming.socket.resetAndDestroy();
    } else if (typeof fault === 'object' && 'status' in fault) {
      outgoing.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' }).end(fault.body);
    } else {
      const { status, headers, answer } = await forward(behind, incoming, body);
      if (fault === 'none') {
        outgoing.writeHead(status, headers).end(answer);
      } else if (fault === 'answer lost') {
        incoming.socket.resetAndDestroy();
      } else if ('damage' in fault) {
        const damaged = fault.damage(answer);
        outgoing.writeHead(status, { ...headers, 'content-length': damaged.length }).end(damaged);
      } else {
        outgoing.writeHead(status, headers);
        outgoing.write(answer.subarray(0, fault.cutAfterBytes), () => outgoing.destroy());
      }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    next(faults, then = 'none') {
      calls.length = 0;
      arrival = Promise.withResolvers();
      coming = [...faults];
      afterwards = then;
    },
    called: () => arrival.promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(behind: string, incoming: IncomingMessage, body: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method, headers } = incoming;
  request(new URL(incoming.url ?? '/', behind), { method, headers }, resolve)
    .on('error', reject)
    .end(body);
  const answer = await promise;
  return {
    status: answer.statusCode ?? 502,
    headers: answer.headers as OutgoingHttpHeaders,
    answer: await buffer(answer),
  };
}
