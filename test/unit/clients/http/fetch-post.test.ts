import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createFetchPost } from '../../../../src/clients/http/fetch-post.ts';

const servers: Server[] = [];

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

const post = createFetchPost();
const request = (url: string) => ({ url, headers: { authorization: 'Bearer s3cret-token' }, body: '{}' });
const failureOf = async (url: string, sender = post): Promise<string> => {
  try {
    await sender.post(request(url));
  } catch (error) {
    expect(error).toMatchObject({ name: 'Transient', code: 'DeliveryFailed' });
    return (error as Error).message;
  }
  throw new Error('it was accepted');
};

describe('a request that is not accepted', () => {
  test('is reported with the host and the answer, never with the path, the query or a header', async () => {
    const at = await serving((incoming, response) => {
      response.statusCode = 403;
      response.end(`no\n${incoming.url} with ${incoming.headers.authorization}`);
    });
    const message = await failureOf(`${at}/services/T0/secret?token=abc`);
    expect(message).toBe(`${new URL(at).host} answered 403 Forbidden: no *** with ***`);
  });

  test('because no one listens is reported with the reason', async () => {
    const at = await serving(() => {});
    const [server] = servers.splice(0);
    server?.close();
    expect(await failureOf(`${at}/secret`)).toMatch(/^127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED/);
  });

  test('because the answer takes too long is reported', async () => {
    const at = await serving(() => {});
    expect(await failureOf(`${at}/secret`, createFetchPost({ timeoutSeconds: 0.05 }))).toMatch(
      /cannot be reached: no answer within 0.05 s$/,
    );
  });

  test.each(['not a url with secret', 'ftp://host/secret', ''])('because of the URL %j', async (url) => {
    expect(await failureOf(url)).toBe(
      'the URL is not valid: expected one that begins with https:// or http://',
    );
  });
});

describe('a redirect', () => {
  test('to the same server that keeps the method is followed', async () => {
    const seen: string[] = [];
    const at = await serving((incoming, response) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      if (incoming.url === '/old') response.writeHead(308, { location: '/new' });
      response.end();
    });
    await post.post(request(`${at}/old`));
    expect(seen).toEqual(['POST /old', 'POST /new']);
  });

  test('to another server is refused, and that server gets nothing', async () => {
    let reached = false;
    const other = await serving((_, response) => {
      reached = true;
      response.end();
    });
    const at = await serving((_, response) => void response.writeHead(307, { location: other }).end());
    expect(await failureOf(`${at}/old`)).toMatch(/redirects to 127\.0\.0\.1:\d+, which is not followed/);
    expect(reached).toBe(false);
  });

  test('that never ends is given up', async () => {
    const at = await serving((_, response) => void response.writeHead(307, { location: '/again' }).end());
    expect(await failureOf(`${at}/again`)).toMatch(/which is not followed/);
  });

  test('that would turn the request into a GET is refused', async () => {
    const at = await serving((_, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
    expect(await failureOf(`${at}/old`)).toMatch(/answered 302 Found$/);
  });
});

test('an answer of any length is not read to its end', async () => {
  const at = await serving((_, response) => {
    response.writeHead(500);
    const more = () => {
      while (response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  });
  expect(await failureOf(at)).toMatch(/answered 500 Internal Server Error: x+…$/);
});
