/**
 * Whether a request's Host header is loopback's or one of these names. Any other may be that of a web page whose name
 * resolves to 127.0.0.1.
 */
export function isAllowedHost(header: string | undefined, allowedHosts: readonly string[]): boolean {
  const host = /^(\[[^\]]*\]|[^:]+)(?::\d+)?$/.exec(header ?? '')?.[1]?.toLowerCase();
  return host !== undefined && (isLoopback(host) || allowedHosts.includes(host));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
