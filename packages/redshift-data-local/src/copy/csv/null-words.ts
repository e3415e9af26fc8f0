import { WORD_BYTES } from './words.ts';

/** The NULL string as words: the first and the last four bytes, which overlap if it has fewer than eight. */
export interface NullWords {
  length: number;
  /** The bits of a word that belong to the string. */
  mask: number;
  head: number;
  tail: number;
  tailOffset: number;
}

/** @returns for an empty string: words that no field has. */
export function nullWords(nullAs: Buffer): NullWords {
  const { length } = nullAs;
  if (length === 0) return { length, mask: 0, head: 1, tail: 1, tailOffset: 0 };
  const padded = Buffer.concat([nullAs, Buffer.alloc(WORD_BYTES)]);
  const mask = length < WORD_BYTES ? 2 ** (8 * length) - 1 : -1;
  const tailOffset = Math.max(0, length - WORD_BYTES);
  return { length, mask, head: padded.readInt32LE(0), tail: padded.readInt32LE(tailOffset), tailOffset };
}
