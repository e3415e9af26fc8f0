import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { parseExactly } from '../../src/pipeline/item/exact-json.ts';

/** An answer of the emulator. */
export interface Answer {
  readonly status: number;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** The emulator refused an operation that is not the client's. */
export class RefusedByEmulator extends Error {
  override readonly name = 'RefusedByEmulator';

  constructor(operation: string, why: string) {
    super(`The emulator refused ${operation}: ${why}`);
  }
}

/** What this server's own requests are signed with. The emulator checks the form alone. */
const OWN_HEADERS = [
  ...['content-type', 'application/x-amz-json-1.0'],
  ...['x-amz-date', '20260101T000000Z'],
  'authorization',
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
];

/** The emulator behind this server. */
export class Upstream {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(endpoint: string) {
    this.#url = new URL(endpoint);
  }

  /** Passes a request and its answer on, byte for byte. If the emulator fails, the client's connection fails as well. */
  pass(request: IncomingMessage, response: ServerResponse): void {
    const upstream = this.#request(request.method!, request.url!, request.rawHeaders);
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.rawHeaders);
      pipeline(answer, response, () => {});
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => {
      if (!response.writableEnded) upstream.destroy();
    });
    request.pipe(upstream);
  }

  /** Sends a client's request with another body. */
  async send(request: Pick<IncomingMessage, 'url' | 'rawHeaders'>, body: Buffer | string): Promise<Answer> {
    const headers: string[] = [];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const name = request.rawHeaders[index]!;
      if (!/^(?:content-length|transfer-encoding|accept-encoding)$/i.test(name))
        headers.push(name, request.rawHeaders[index + 1]!);
    }
    return await this.#exchange(request.url!, headers, body);
  }

  /** Performs an operation of its own. @throws RefusedByEmulator */
  async call<T>(operation: string, parameters: object): Promise<T> {
    const result = await this.callIf<T>(operation, parameters);
    if (result !== undefined) return result;
    throw new RefusedByEmulator(operation, 'its condition does not hold');
  }

  /** Performs an operation of its own that has a condition. Undefined if the condition does not hold. */
  async callIf<T>(operation: string, parameters: object): Promise<T | undefined> {
    const headers = [
      'host',
      this.#url.host,
      'x-amz-target',
      `DynamoDB_20120810.${operation}`,
      ...OWN_HEADERS,
    ];
    const { status, body } = await this.#exchange('/', headers, JSON.stringify(parameters));
    if (status === 200) return parseExactly(body.toString()) as T;
    if (body.includes('#ConditionalCheckFailedException"')) return undefined;
    throw new RefusedByEmulator(operation, body.toString());
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(method: string, path: string, headers: readonly string[]) {
    const { hostname, port } = this.#url;
    return httpRequest({ agent: this.#agent, hostname, port, method, path, headers });
  }

  async #exchange(path: string, headers: readonly string[], body: Buffer | string): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const upstream = this.#request('POST', path, [
      ...headers,
      'content-length',
      String(Buffer.byteLength(body)),
    ]);
    upstream.on('error', reject);
    upstream.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const { statusCode, rawHeaders } = answer;
        resolve({ status: statusCode!, rawHeaders, body: Buffer.concat(chunks) });
      });
    });
    upstream.end(body);
    return await promise;
  }
}

/** The same answer with another body. */
export function withBody({ status, rawHeaders }: Answer, body: object): Answer {
  return { status, rawHeaders, body: Buffer.from(JSON.stringify(body)) };
}

/** The JSON of an answer. */
export function bodyOf<T>({ body }: Answer): T {
  return parseExactly(body.toString()) as T;
}
