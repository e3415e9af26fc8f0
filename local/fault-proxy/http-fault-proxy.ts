import type { ServerResponse } from 'node:http';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { operationOf } from './services.ts';

/** One request as received. */
export interface Call {
  /** The service's name of the operation: `Scan`, `PutObject`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface HttpFaultProxyOptions {
  /** URL of the real service. */
  readonly behind: string;
  /** Chooses the fault for a call. */
  readonly faultFor: (call: Call) => Fault;
  /**
   * Called for each call before it is handled, and again when the service has answered and the client has not received
   * the answer yet. The call waits for the returned promise.
   */
  readonly watch?: (call: Call, moment: 'asked' | 'answered') => void | Promise<void>;
}

export interface HttpFaultProxy {
  readonly endpoint: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

const DRIPS = 8;

/**
 * A proxy on loopback in front of a service, which can fail as services and networks do. Requests are forwarded byte
 * for byte with their original Host header, so that their signatures stay valid. Answers keep their headers. Bodies are
 * held in memory: none of ours is large.
 */
export async function startHttpFaultProxy(options: HttpFaultProxyOptions): Promise<HttpFaultProxy> {
  const server = createServer((incoming, outgoing) => {
    // If a client or service disconnects in the middle, only this connection ends.
    serve(options, incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Services keep idle connections open for longer than the SDK uses them.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  { behind, faultFor, watch }: HttpFaultProxyOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = incoming;
  const body = await buffer(incoming);
  const call: Call = { operation: operationOf(method, url, headers), method, url, headers, body };
  const fault = faultFor(call);
  await watch?.(call, 'asked');
  switch (fault.kind) {
    case 'silence':
      return;
    case 'reset':
      incoming.socket.resetAndDestroy();
      return;
    case 'refused':
      outgoing.writeHead(fault.refusal.status, fault.refusal.headers).end(fault.refusal.body);
      return;
    case 'latency':
      await setTimeout(fault.milliseconds);
      break;
    case 'none':
    case 'answer lost':
    case 'cut':
    case 'damaged':
    case 'drip':
  }
  const answer = await forward(behind, incoming.rawHeaders, call);
  await watch?.(call, 'answered');
  if (fault.kind === 'answer lost') {
    incoming.socket.resetAndDestroy();
    return;
  }
  // Only successful answers have checksums.
  const damaged = fault.kind === 'damaged' && answer.status < 300;
  const sent = damaged ? fault.damage(answer.body) : answer.body;
  outgoing.writeHead(answer.status, headersFor(method, answer, sent));
  if (fault.kind === 'cut') {
    // An empty body cannot be truncated, so the connection ends before the headers.
    if (sent.length === 0) outgoing.destroy();
    else
      outgoing.write(sent.subarray(0, Math.min(fault.afterBytes, sent.length - 1)), () => outgoing.destroy());
    return;
  }
  if (fault.kind === 'drip') await drip(outgoing, sent, fault.milliseconds);
  else outgoing.end(sent);
}

interface Answer {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

async function forward(behind: string, rawHeaders: string[], { method, url, body }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // As a list, headers keep their case and order. Node adds a Host header only if it is absent.
  request(new URL(url, behind), { method, headers: rawHeaders as never }, resolve)
    .on('error', reject)
    .end(body);
  const answer = await promise;
  return {
    status: answer.statusCode ?? 502,
    rawHeaders: answer.rawHeaders,
    body: await buffer(answer),
  };
}

/** The answer's headers, with the full length instead of chunked encoding. */
function headersFor(method: string, { rawHeaders }: Answer, body: Buffer): string[] {
  const headers: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const length = name === 'content-length' && method !== 'HEAD';
    if (length || ['transfer-encoding', 'connection', 'keep-alive'].includes(name)) continue;
    headers.push(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  }
  if (method !== 'HEAD') headers.push('Content-Length', String(body.length));
  return headers;
}

async function drip(outgoing: ServerResponse, body: Buffer, milliseconds: number): Promise<void> {
  outgoing.flushHeaders();
  const step = Math.max(1, Math.ceil(body.length / DRIPS));
  for (let from = 0; from < body.length; from += step) {
    await setTimeout(milliseconds / DRIPS);
    if (outgoing.destroyed) return;
    outgoing.write(body.subarray(from, from + step));
  }
  outgoing.end();
}
