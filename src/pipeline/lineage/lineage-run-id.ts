import { createHash } from 'node:crypto';

/** The namespace of Tributary's ids: any fixed UUID. */
const NAMESPACE = Buffer.from('6f1d7f0e4a0b4d7b9f3a2c5e8d1b0a94', 'hex');

/** A name-based UUID (version 5, RFC 9562): always the same for the same parts. */
export function lineageRunId(parts: readonly string[]): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
