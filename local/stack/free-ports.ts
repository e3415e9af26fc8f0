import { createServer } from 'node:net';

/**
 * Ports on loopback that were free a moment ago, all different. `wanted` ones are given back where they are
 * free, so that a stack started again keeps its addresses.
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
