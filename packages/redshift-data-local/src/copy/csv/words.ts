import { BACKSLASH, SPACE } from '../byte.ts';

/**
 * Four bytes at once, as a little-endian integer. Each test returns an integer whose lowest bit that is set is the
 * highest bit of the first byte that passes, and 0 if none does.
 */
export const WORD_BYTES = 4;
/** Times a byte: a word of that byte. */
const ONES = 0x01010101;
export const HIGH_BITS = 0x80808080 | 0;
const BACKSLASHES = BACKSLASH * ONES;
const ZEROS = 0x30 * ONES;
/** Added to a byte, sets the high bit of one over 9. */
const ABOVE_NINE = 0x76 * ONES;
const ABOVE_SPACES = (SPACE + 1) * ONES;

/** What `textEnds` compares with: a word that makes this quote character, `"` or `'`, a space, and no control character greater. */
export function quoteToSpace(quote: number): number {
  return (quote ^ SPACE) * ONES;
}

/** Bytes that may not be copied as text: control characters, the quote character and backslashes. */
export function textEnds(word: number, toSpace: number): number {
  const moved = word ^ toSpace;
  const difference = word ^ BACKSLASHES;
  return (((moved - ABOVE_SPACES) & ~moved) | ((difference - ONES) & ~difference)) & HIGH_BITS;
}

/** Bytes that are not digits. */
export function digitsEnd(word: number): number {
  const digits = word ^ ZEROS;
  return ((digits + ABOVE_NINE) | digits) & HIGH_BITS;
}

/** The number of bytes before the first one that passed. */
export function firstByte(tested: number): number {
  return (31 - Math.clz32(tested & -tested)) >> 3;
}
