import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { PageBuffers } from '../../../../src/clients/dynamodb/page-buffers.ts';

/** Bytes that differ at every place where chunks could be swapped. */
const bytesOf = (length: number) => Buffer.from(Uint32Array.from({ length: length / 4 }, (_, i) => i).buffer);

async function withServer<T>(answer: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function responseOf(url: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  return response;
}

test.each([
  ['of the length it says', 0],
  ['longer than expected', 1_000_000],
  ['shorter than expected', -1_000_000],
])('a body %s is read whole, and its memory is used for the next one', async (_what, more) => {
  const body = bytesOf(2_000_000);
  await withServer(
    (_, response) => response.end(body),
    async (url) => {
      const buffers = new PageBuffers();
      const first = await buffers.read(await responseOf(url), body.length - more);
      expect(body.equals(first)).toBe(true);
      buffers.release(first);
      const second = await buffers.read(await responseOf(url), body.length);
      expect(body.equals(second)).toBe(true);
      expect(second.buffer).toBe(first.buffer);
    },
  );
});

test('a length that no page has reserves no such memory', async () => {
  const page = await new PageBuffers().read(Readable.from([Buffer.from('short')]), 2 ** 40);
  expect(page.toString()).toBe('short');
  expect(page.buffer.byteLength).toBeLessThanOrEqual(8 * 1024 * 1024);
});

test('a connection that breaks fails the read', async () => {
  await withServer(
    (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('begun', () => response.destroy());
    },
    async (url) => {
      const reading = new PageBuffers().read(await responseOf(url), 1000);
      await expect(reading).rejects.toThrow('aborted');
    },
  );
});
