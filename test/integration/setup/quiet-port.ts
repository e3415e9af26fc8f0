import { randomInt } from 'node:crypto';
import { freePorts } from '../../../local/stack/free-ports.ts';

/**
 * A free loopback port that no other process gets by chance before its use: it is below the ports that Linux (from
 * 32768) and macOS (from 49152) assign themselves.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const wanted = randomInt(20_000, 32_000);
    const [port] = await freePorts(1, [wanted]);
    if (port === wanted) return port;
  }
}
