import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The status it was answered with; undefined while it was not answered. */
  status: number | undefined;
}

/** An HTTP server that keeps every request it gets, and answers as a test tells it to. */
export class AlertReceiver {
  readonly received: Received[] = [];
  /** Decides the answer to a request: a status, or `hang`. */
  answer: (received: Received) => number | 'hang' = () => 204;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url: path = '', headers } = request;
        const body = Buffer.concat(chunks).toString('utf8');
        const received: Received = { path, headers, body, status: undefined };
        this.received.push(received);
        const answer = this.answer(received);
        if (answer === 'hang') return;
        received.status = answer;
        response.writeHead(answer).end();
      });
    });
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** The address of a path on this server. */
  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** The ids of accepted and refused webhook requests, in order. */
  ids(path: string): string[] {
    return this.received
      .filter((each) => each.path === path)
      .map(({ headers }) => String(headers['webhook-id']));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
