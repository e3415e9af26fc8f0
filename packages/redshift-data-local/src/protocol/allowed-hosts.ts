import { isIPv4 } from 'node:net';

/**
 * The hosts by which clients may call the server: loopback, and the names of a private network if there are any. A web page
 * can make its own name resolve to 127.0.0.1 (DNS rebinding), and a browser then lets it read every answer; but the
 * request still has that name in its Host header.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;

  /** @param names beyond loopback, without ports; those for all interfaces are not names. */
  constructor(names: readonly string[]) {
    this.#names = new Set(
      names.filter((name) => !['0.0.0.0', '::'].includes(name)).map((name) => name.toLowerCase()),
    );
  }

  /** @param header `name[:port]`, as in a Host header */
  has(header: string | undefined): boolean {
    const host = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/
      .exec(header ?? '')?.[1]
      ?.toLowerCase()
      .replace(/^\[|\]$/g, '');
    if (host === undefined || host === '') return false;
    return (
      host === 'localhost' ||
      host === '::1' ||
      (isIPv4(host) && host.startsWith('127.')) ||
      this.#names.has(host)
    );
  }
}
