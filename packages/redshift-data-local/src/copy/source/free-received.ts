import { IncomingMessage } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import { freeMemory } from './free-memory.ts';

/**
 * Frees what a client's sockets receive of a response's body, as soon as Node's parser has copied the body's bytes from
 * it. Otherwise the garbage collector frees it, for which it marks the whole heap.
 */
export function freeReceived(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { body } = result.response as { body?: unknown };
      if (body instanceof IncomingMessage) freeUntilClosed(body);
      return result;
    },
    // Before the SDK wraps the body to check its checksum.
    { step: 'deserialize', priority: 'low', name: 'freeReceived' },
  );
}

function freeUntilClosed(body: IncomingMessage): void {
  const { socket } = body;
  // The parser's own listener was added before, so it is called before.
  socket.on('data', freeMemory);
  body.once('close', () => socket.off('data', freeMemory));
}
