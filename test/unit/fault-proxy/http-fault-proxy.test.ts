import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { throttled } from '../../../local/fault-proxy/services.ts';

/** The requests as the service received them. */
interface Asked {
  readonly rawHeaders: readonly string[];
  readonly url: string | undefined;
  readonly body: string;
}

describe('a fault proxy', () => {
  const answer = 'x'.repeat(400);
  const asked: Asked[] = [];
  let service: Server;
  let proxy: ScriptedProxy;

  beforeAll(async () => {
    service = createServer((incoming, outgoing) => {
      void buffer(incoming).then((body) => {
        asked.push({ rawHeaders: incoming.rawHeaders, url: incoming.url, body: body.toString() });
        outgoing.writeHead(201, { 'X-Amz-Crc32': '7' }).end(answer);
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    proxy = await startScriptedProxy(`http://127.0.0.1:${(service.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await proxy.close();
    service.closeAllConnections();
    service.close();
  });
  beforeEach(() => {
    asked.length = 0;
  });

  async function ask(fault: Fault) {
    proxy.next([fault]);
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      const headers = { Host: 'bucket.s3.amazonaws.com', Authorization: 'signature' };
      request(
        new URL('/bucket/a%2Fkey?x=1', proxy.endpoint),
        { method: 'PUT', headers, agent: false },
        resolve,
      )
        .on('error', reject)
        .end('the body');
    });
    const { statusCode: status, headers } = response;
    return { status, crc: headers['x-amz-crc32'], body: (await buffer(response)).toString() };
  }

  test('passes a request byte for byte, with the Host it was signed for, and the answer as it is', async () => {
    await expect(ask({ kind: 'none' })).resolves.toEqual({ status: 201, crc: '7', body: answer });
    expect(asked).toEqual([
      {
        url: '/bucket/a%2Fkey?x=1',
        body: 'the body',
        rawHeaders: expect.arrayContaining(['Host', 'bucket.s3.amazonaws.com', 'Authorization', 'signature']),
      },
    ]);
    expect(asked[0]?.rawHeaders.filter((name) => name.toLowerCase() === 'host')).toHaveLength(1);
  });

  test('refuses in the service’s words without calling the service', async () => {
    const refused: Fault = { kind: 'refused', refusal: throttled('s3', 'PutObject') };
    await expect(ask(refused)).resolves.toMatchObject({
      status: 503,
      body: expect.stringContaining('SlowDown'),
    });
    expect(asked).toEqual([]);
  });

  test('resets a connection before the service sees the call', async () => {
    await expect(ask({ kind: 'reset' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(asked).toEqual([]);
  });

  test('loses an answer after the work is done', async () => {
    await expect(ask({ kind: 'answer lost' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(asked).toHaveLength(1);
  });

  test('truncates an answer', async () => {
    await expect(ask({ kind: 'cut', afterBytes: 100 })).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(ask({ kind: 'cut', afterBytes: 4_000 })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('damages a body, and leaves the headers of the original body', async () => {
    const damaged: Fault = { kind: 'damaged', damage: () => Buffer.from('other') };
    await expect(ask(damaged)).resolves.toEqual({ status: 201, crc: '7', body: 'other' });
  });

  test('delays an answer or lets it drip, but delivers all of it', async () => {
    await expect(ask({ kind: 'latency', milliseconds: 5 })).resolves.toMatchObject({ body: answer });
    await expect(ask({ kind: 'drip', milliseconds: 16 })).resolves.toMatchObject({ body: answer });
  });
});
