import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  startTcpFaultProxy,
  type TcpFaultProxy,
  type TcpFaultProxyOptions,
} from '../../../local/fault-proxy/tcp-fault-proxy.ts';

describe('a fault proxy of raw bytes', () => {
  let echo: Server;
  const proxies: TcpFaultProxy[] = [];

  beforeAll(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.close())));
  afterAll(() => {
    echo.close();
  });

  async function start(faults: Partial<TcpFaultProxyOptions>): Promise<TcpFaultProxy> {
    const behind = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
    const proxy = await startTcpFaultProxy({ behind, seed: 1, resetRate: 0, latencyRate: 0, ...faults });
    proxies.push(proxy);
    return proxy;
  }

  async function dial({ address }: TcpFaultProxy): Promise<Socket> {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  async function say(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    let heard = '';
    for await (const piece of socket.iterator({ destroyOnReturn: false })) {
      heard += String(piece);
      if (heard.length >= text.length) break;
    }
    return heard;
  }

  test('passes bytes both ways, even delayed ones in order', async () => {
    const proxy = await start({ latencyRate: 1, maxLatencyMilliseconds: 3 });
    const socket = await dial(proxy);
    await expect(say(socket, 'hello'.repeat(50_000))).resolves.toBe('hello'.repeat(50_000));
    expect(proxy.injected.latency).toBeGreaterThan(0);
    socket.destroy();
  });

  test('holds back bytes on open connections until it speaks again, then forwards all of them', async () => {
    const proxy = await start({});
    const socket = await dial(proxy);
    await expect(say(socket, 'before')).resolves.toBe('before');
    proxy.silence();
    const heard = say(socket, 'meanwhile');
    const unheard = dial(proxy);
    proxy.speak();
    await expect(heard).resolves.toBe('meanwhile');
    for (const line of [socket, await unheard]) line.destroy();
  });

  test('resets a connection after some of its answers, and none after it was stopped', async () => {
    const proxy = await start({ resetRate: 1, maxPiecesBeforeReset: 1 });
    const socket = await dial(proxy);
    socket.write('hello');
    const [error] = await once(socket, 'error').catch((thrown: unknown) => [thrown]);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(proxy.injected.reset).toBe(1);
    proxy.stop();
    const again = await dial(proxy);
    await expect(say(again, 'hello')).resolves.toBe('hello');
    again.destroy();
  });
});
