import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  compareBytes,
  isDigit,
  MINUS,
  QUOTE,
  ZERO,
} from './bytes.ts';

/** Larger sets are sorted by the engine. */
const MAX_MEMBERS = 32;
/** Integers of so many digits are exact as JavaScript numbers. */
const MAX_SAFE_DIGITS = 15;

/**
 * The members of a small set of plain texts or integers, in the order that `membersInOrder` has them. They are few: each
 * is moved to its place among those before it.
 */
export class SortedMembers {
  length = 0;
  /** Where each member is in the page, without its quotes. */
  readonly starts = new Int32Array(MAX_MEMBERS);
  readonly ends = new Int32Array(MAX_MEMBERS);
  /** Of integers, their values. */
  readonly #values = new Float64Array(MAX_MEMBERS);

  /**
   * Reads a set of texts without escapes, and orders it by their UTF-8 bytes.
   * @param at the index after the set's `[`
   * @returns the index after the set's value, or -1 if it is another set
   */
  readTexts(page: Uint8Array, at: number): number {
    const { starts, ends } = this;
    this.length = 0;
    let p = at;
    for (let c: number | undefined = COMMA; c === COMMA; c = page[p++]) {
      if (page[p] !== QUOTE || this.length === MAX_MEMBERS) return -1;
      const start = ++p;
      let d = page[p] as number;
      while (d !== QUOTE && d !== BACKSLASH && d >= 32) d = page[++p] as number;
      if (d !== QUOTE) return -1;
      let to = this.length;
      while (to > 0 && compareBytes(page, start, p, starts[to - 1] as number, ends[to - 1] as number) < 0) {
        to--;
      }
      this.#insert(to, start, p, 0);
      p++;
    }
    return afterSet(page, p);
  }

  /** Reads a set of integers with few digits, and orders it by their values. Parameter and result are those of `readTexts`. */
  readIntegers(page: Uint8Array, at: number): number {
    this.length = 0;
    let p = at;
    for (let c: number | undefined = COMMA; c === COMMA; c = page[p++]) {
      if (page[p] !== QUOTE || this.length === MAX_MEMBERS) return -1;
      const start = ++p;
      const isNegative = page[p] === MINUS;
      if (isNegative) p++;
      const firstDigit = p;
      let value = 0;
      for (let d = page[p]; isDigit(d); d = page[++p]) value = value * 10 + d - ZERO;
      const digits = p - firstDigit;
      // Neither leading zeros nor -0: the number is its own canonical text.
      if (page[p] !== QUOTE || digits === 0 || digits > MAX_SAFE_DIGITS) return -1;
      if (page[firstDigit] === ZERO && p - start > 1) return -1;
      if (isNegative) value = -value;
      let to = this.length;
      while (to > 0 && value < (this.#values[to - 1] as number)) to--;
      this.#insert(to, start, p, value);
      p++;
    }
    return afterSet(page, p);
  }

  #insert(to: number, start: number, end: number, value: number): void {
    const { starts, ends } = this;
    const values = this.#values;
    for (let i = this.length++; i > to; i--) {
      starts[i] = starts[i - 1] as number;
      ends[i] = ends[i - 1] as number;
      values[i] = values[i - 1] as number;
    }
    starts[to] = start;
    ends[to] = end;
    values[to] = value;
  }
}

/** @param at the index after the byte that ended the members */
function afterSet(page: Uint8Array, at: number): number {
  return page[at - 1] === CLOSE_BRACKET && page[at] === CLOSE_BRACE ? at + 1 : -1;
}
