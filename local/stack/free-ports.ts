import { createServer } from 'node:net';

/**
 * Finds different ports on loopback that are currently free. Prefers the `wanted` ports, so that a restarted stack keeps
 * its addresses.
 */
export async function freePorts(count: number, wanted: readonly number[] = []): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const port = wanted[index];
      return (port !== undefined && (await tryPort(port))) || (await tryPort(0));
    }),
  );
  const ports: number[] = [];
  for (const server of servers) {
    if (!server) throw new Error('no free port on 127.0.0.1');
    const address = server.address();
    if (address && typeof address === 'object') ports.push(address.port);
    await new Promise((resolve) => server.close(resolve));
  }
  return ports;
}

function tryPort(port: number) {
  return new Promise<ReturnType<typeof createServer> | undefined>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
