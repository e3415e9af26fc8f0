import { BACKSLASH, SPACE } from './byte.ts';

/**
 * Four bytes at once, as a little-endian integer. Each test returns an integer whose lowest bit that is set is the
 * highest bit of the first byte that passes, and 0 if none does.
 */
export const WORD_BYTES = 4;
/** Times a byte: a word of that byte. */
export const ONES = 0x01010101;
export const HIGH_BITS = 0x80808080 | 0;
export const BACKSLASHES = BACKSLASH * ONES;
const SPACES = SPACE * ONES;

/** Bytes equal to the byte that `pattern` repeats. */
export function bytesEqual(word: number, pattern: number): number {
  const difference = word ^ pattern;
  return (difference - ONES) & ~difference & HIGH_BITS;
}

/** Bytes below 0x20. */
export function controlBytes(word: number): number {
  return (word - SPACES) & ~word & HIGH_BITS;
}

/** The number of bytes before the first one that passed. */
export function firstByte(tested: number): number {
  return (31 - Math.clz32(tested & -tested)) >> 3;
}
