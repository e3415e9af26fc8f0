/**
 * Bytes four at a time, through a `DataView`: V8 makes one instruction of a read. In a page, at least two more bytes
 * follow a value's quote, so that none of these reads beyond the end of a page that is JSON.
 */

const ALL_ONE = 0x01010101;
const ALL_SPACES = 0x20202020;
const ALL_QUOTES = 0x22222222;
const ALL_BACKSLASHES = 0x5c5c5c5c;
const HIGH_BITS = 0x80808080;

export function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A word as four ASCII characters. */
export function wordFor(text: string): number {
  return wordsOf(Buffer.from(text, 'latin1')).getInt32(0, true);
}

/** At least four bytes to compare with. */
export class Pattern {
  readonly length: number;
  /** The bytes, four by four. */
  readonly #words: Int32Array;
  /** The last four bytes, which overlap the ones before them. */
  readonly #last: number;

  constructor(bytes: Uint8Array) {
    const words = wordsOf(bytes);
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => words.getInt32(i * 4, true));
    this.#last = words.getInt32(bytes.length - 4, true);
  }

  /** @throws RangeError if the page ends within the pattern */
  isAt(page: DataView, at: number): boolean {
    const words = this.#words;
    for (let i = 0, p = at; i < words.length; i++, p += 4) {
      if (page.getInt32(p, true) !== words[i]) return false;
    }
    return page.getInt32(at + this.length - 4, true) === this.#last;
  }
}

/** The index of the first quote, backslash or control character from `at` on; the page's length if there is none. */
export function endOfPlainText(page: DataView, at: number): number {
  const { byteLength } = page;
  let p = at;
  for (const last = byteLength - 4; p <= last; p += 4) {
    const word = page.getInt32(p, true);
    const quotes = word ^ ALL_QUOTES;
    const backslashes = word ^ ALL_BACKSLASHES;
    // The usual test for a byte that is zero, or less than a space. Its lowest bit is exact.
    const found =
      (((quotes - ALL_ONE) & ~quotes) |
        ((backslashes - ALL_ONE) & ~backslashes) |
        ((word - ALL_SPACES) & ~word)) &
      HIGH_BITS;
    if (found !== 0) return p + ((31 - Math.clz32(found & -found)) >> 3);
  }
  for (; p < byteLength; p++) {
    const c = page.getUint8(p);
    if (c === 34 || c === 92 || c < 32) break;
  }
  return p;
}

/** Copies bytes, and up to three more after them. Returns the index after them. */
export function copyWords(from: DataView, start: number, end: number, to: DataView, at: number): number {
  for (let p = start, out = at; p < end; p += 4, out += 4) to.setInt32(out, from.getInt32(p, true), true);
  return at + end - start;
}
/** So many bytes after the last one may be overwritten by `copyWords`. */
export const SPARE_BYTES = 3;
