import { createHmac, createSecretKey } from 'node:crypto';

/** The keyed hash of a text: 64 hexadecimal digits. */
export type KeyedHash = (text: string) => string;

/** HMAC-SHA-256 of a text's UTF-8. Half of a surrogate pair counts as U+FFFD. */
export function keyedHash(key: string): KeyedHash {
  const secret = createSecretKey(key, 'utf8');
  return (text) => createHmac('sha256', secret).update(text, 'utf8').digest('hex');
}

/** For what only looks at the form of items: all values have the same hash, and nothing needs the key. */
export const anyHash: KeyedHash = () => '0'.repeat(64);

/** Identifies a key without revealing it, so that two workers with different keys are noticed. */
export const keyId = (key: string): string => keyedHash(key)('tributary: id of the hash key').slice(0, 16);
