import { createHash } from 'node:crypto';

/**
 * The first `hexDigits` hexadecimal digits of the SHA-256 of a text's UTF-8: a short name that is the same
 * everywhere and always. Ten digits (40 bits) keep a thousand texts apart but for a chance of one in two million.
 */
export function fingerprint(text: string, hexDigits: number): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, hexDigits);
}
