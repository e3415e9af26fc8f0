import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** @param port 0: any free port @returns the endpoint */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  // A slow client must not find its kept-alive connection closed at its next call, as after Node's default of 5 s.
  server.keepAliveTimeout = 120_000;
  server.listen(port, host);
  await once(server, 'listening');
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}
