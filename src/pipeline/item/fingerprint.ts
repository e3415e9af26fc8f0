import { hash } from 'node:crypto';

/**
 * The first `hexDigits` hexadecimal digits of the SHA-256 of a text's UTF-8: a short name that never depends on
 * the machine or the run. With ten digits (40 bits), the chance that any two of a thousand texts collide is one
 * in two million.
 */
export function fingerprint(text: string, hexDigits: number): string {
  return hash('sha256', text, 'hex').slice(0, hexDigits);
}
