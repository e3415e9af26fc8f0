import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { seededFraction, seededInteger } from './seeded.ts';

export interface TcpFaultProxyOptions {
  /** host:port of the real service. */
  readonly behind: string;
  readonly seed: number;
  /** The fraction of connections that are reset in the middle. */
  readonly resetRate: number;
  /** Such a connection is reset after at most this many pieces of the service's answers. */
  readonly maxPiecesBeforeReset?: number;
  /** The fraction of pieces that are delayed. Later pieces on the same connection wait for them. */
  readonly latencyRate: number;
  readonly maxLatencyMilliseconds?: number;
}

type TcpFaultKind = 'reset' | 'latency';

export interface TcpFaultProxy {
  /** host:port */
  readonly address: string;
  readonly injected: Readonly<Record<TcpFaultKind, number>>;
  /** Holds back all bytes until `speak`, without closing a connection: each side sees the other as silent. */
  silence(): void;
  /** Forwards the bytes that were held back, and everything after them. */
  speak(): void;
  /** Stops injecting faults. */
  stop(): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/**
 * A proxy of raw bytes on loopback, for Temporal's gRPC: it resets connections in the middle, and delays bytes. The
 * seed, the number of the connection and the number of the piece decide which ones.
 */
export async function startTcpFaultProxy(options: TcpFaultProxyOptions): Promise<TcpFaultProxy> {
  const { seed, resetRate, latencyRate, maxPiecesBeforeReset = 200, maxLatencyMilliseconds = 200 } = options;
  const injected = { reset: 0, latency: 0 };
  const open = new Set<Socket>();
  let connections = 0;
  let stopped = false;
  let silence: PromiseWithResolvers<void> | undefined;

  const server = createServer((client) => {
    const connection = ++connections;
    const [host, port] = splitAddress(options.behind);
    const service = connect(port, host);
    for (const socket of [client, service]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    const resetAfter =
      seededFraction(seed, 'reset', connection) < resetRate
        ? seededInteger(1, maxPiecesBeforeReset, seed, 'pieces', connection)
        : Number.POSITIVE_INFINITY;
    let pieces = 0;
    service.on('data', () => {
      if (stopped || ++pieces !== resetAfter) return;
      injected.reset++;
      client.resetAndDestroy();
    });
    const late = async (direction: string) => {
      await silence?.promise;
      if (stopped || seededFraction(seed, direction, connection, pieces) >= latencyRate) return;
      injected.latency++;
      await setTimeout(seededInteger(1, maxLatencyMilliseconds, seed, direction, connection, pieces, 'ms'));
    };
    passOn(client, service, () => late('request'));
    passOn(service, client, () => late('answer'));
    for (const [one, other] of [
      [client, service],
      [service, client],
    ] as const) {
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    injected,
    silence() {
      silence ??= Promise.withResolvers();
    },
    speak() {
      silence?.resolve();
      silence = undefined;
    },
    stop() {
      stopped = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
        silence?.resolve();
      }),
  };
}

/** Forwards bytes in order, each piece after `late`. */
function passOn(from: Socket, to: Socket, late: () => Promise<void>): void {
  from.on('data', (piece) => {
    from.pause();
    void late().then(() => {
      if (to.destroyed) return;
      if (to.write(piece)) from.resume();
      else to.once('drain', () => from.resume());
    });
  });
  from.on('end', () => to.end());
}

function splitAddress(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at), Number(address.slice(at + 1))];
}
