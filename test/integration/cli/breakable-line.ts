import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface BreakableLine {
  /** host:port */
  readonly address: string;
  /** Closes all connections, and from now on every new one at once. */
  breakOff(): void;
  fix(): void;
  close(): Promise<void>;
}

/** A connection to a service on loopback that a test can interrupt. */
export async function breakableLine(behind: string): Promise<BreakableLine> {
  const [host, port] = behind.split(':') as [string, string];
  const open = new Set<Socket>();
  let broken = false;
  const server = createServer((client) => {
    if (broken) {
      client.destroy();
      return;
    }
    const service = connect(Number(port), host);
    for (const [one, other] of [
      [client, service],
      [service, client],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakOff() {
      broken = true;
      endAll();
    },
    fix() {
      broken = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endAll();
      }),
  };
}
