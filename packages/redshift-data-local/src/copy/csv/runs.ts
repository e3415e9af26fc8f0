import { digitsEnd, firstByte, textEnds, WORD_BYTES } from './words.ts';

/**
 * Runs of bytes that are copied as they are, in whole words: a byte from `at` to `at + shift`. Up to seven bytes after
 * the run are written, too. Each function returns where the run ends.
 */

/**
 * Text up to the first byte that may have to be written in another way.
 * @param toSpace of the quote character
 * @param highBits `HIGH_BITS` if only ASCII is text, else 0
 */
export function copyText(
  source: DataView,
  target: DataView,
  start: number,
  shift: number,
  toSpace: number,
  highBits: number,
): number {
  for (let at = start; ; at += WORD_BYTES) {
    const word = source.getInt32(at, true);
    target.setInt32(at + shift, word, true);
    const ends = textEnds(word, toSpace) | (word & highBits);
    if (ends !== 0) return at + firstByte(ends);
  }
}

export function copyDigits(source: DataView, target: DataView, start: number, shift: number): number {
  for (let at = start; ; at += WORD_BYTES) {
    const word = source.getInt32(at, true);
    target.setInt32(at + shift, word, true);
    const ends = digitsEnd(word);
    if (ends !== 0) return at + firstByte(ends);
  }
}
