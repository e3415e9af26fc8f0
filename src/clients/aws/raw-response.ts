import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { freeMemory } from '../../memory/free-memory.ts';

type Headers = Readonly<Record<string, string>>;

/** Receives a response's body. If it throws, the call fails with that error. With `$retryable`, the SDK retries. */
type TakeBody = (body: Buffer, headers: Headers) => void;

/** The methods used of a command's middleware stack. The SDK's own type of the stack differs for every command. */
interface Stack {
  addRelativeTo(step: Step, where: { name: string; relation: 'after'; toMiddleware: string }): void;
}
type Step = (next: (args: unknown) => Promise<Result>) => (args: unknown) => Promise<Result>;
interface Result {
  readonly response: HttpResponse;
}

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Headers;
  body: Readable | undefined;
}

/** Reads a body to its end. @throws what the stream fails with */
type ReadBody = (body: Readable, headers: Headers) => Promise<Buffer>;

/**
 * Passes the body of a command's 200 response to `take` as bytes, before the SDK parses it. The SDK still builds, signs
 * and retries the request, and still reads every other response. It sees an empty body instead, so the result of
 * `client.send` has no output members.
 * @param read reads the body; default: into a buffer of its own
 */
export function takeRawResponse(
  command: { readonly middlewareStack: object },
  take: TakeBody,
  read: ReadBody = joined,
): void {
  (command.middlewareStack as Stack).addRelativeTo(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (response.statusCode === 200) {
        const { body, headers } = response;
        take(body === undefined ? Buffer.alloc(0) : await read(body, headers), headers);
        response.body = undefined;
      }
      return result;
    },
    { name: 'takeRawResponse', relation: 'after', toMiddleware: 'deserializerMiddleware' },
  );
}

async function joined(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await forEachChunk(body, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
}

/**
 * Calls `take` with each chunk as it arrives, which costs less than iterating: an iterator copies chunks together. What
 * the socket received is freed as soon as Node's parser has copied the chunk from it.
 * @throws what the stream fails with, or `take` throws
 */
export async function forEachChunk(body: Readable, take: (chunk: Buffer) => void): Promise<void> {
  const socket = body instanceof IncomingMessage ? body.socket : undefined;
  body.on('data', (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (error) {
      body.destroy(error as Error);
    }
  });
  // The parser's own listener was added before, so it is called before.
  socket?.on('data', freeMemory);
  try {
    await finished(body, { writable: false });
  } finally {
    socket?.off('data', freeMemory);
  }
}
