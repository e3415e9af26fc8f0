import {
  hexOfBase64,
  hexOfText,
  MAX_VARCHAR_BYTES,
  measure,
  quoted,
  UNPAIRED_SURROGATE,
} from '../pipeline/item/csv.ts';
import { epochTime, integerEpochTime } from '../pipeline/item/epoch.ts';
import { numberText } from '../pipeline/item/number.ts';
import { Trait } from '../pipeline/seen/tally.ts';
import { textForm } from '../pipeline/seen/text-form.ts';
import { BACKSLASH, hasBytes, isDigit, MINUS, POINT, QUOTE, ZERO } from './bytes.ts';
import { endOfString, unescapedLength } from './escapes.ts';
import type { ItemRows } from './item-rows.ts';
import type { Page } from './page.ts';
import { Cell, type Node } from './program.ts';
import { exactly, SHRED } from './shred-instead.ts';
import { textTrait } from './text-trait.ts';
import { endOfPlainText } from './words.ts';

/** Numbers of so many digits are certain to fit in 64 bits. */
const INT64_DIGITS = 18;
/** The most digits that are written without an exponent: see number.ts. */
const MAX_PLAIN_DIGITS = 38;
/** JavaScript holds integers of so many characters exactly. */
const SAFE_DIGITS = 15;

/**
 * Reads strings, numbers and binary from the page, and fills their cells. What is already as its column holds it stays in
 * the page until its row is written.
 *
 * `at` is the index of a value's first character, after its quote; the result is the index after its closing quote.
 */
export class Scalars {
  readonly #page: Page;
  readonly #rows: ItemRows;
  readonly #nullText: string;
  readonly #null: Uint8Array;

  constructor(page: Page, rows: ItemRows, nullText: string) {
    this.#page = page;
    this.#rows = rows;
    this.#nullText = nullText;
    this.#null = Buffer.from(nullText, 'utf8');
  }

  string(node: Node, at: number): number {
    const page = this.#page.bytes;
    const end = endOfPlainText(this.#page.words, at);
    const c = page[end];
    if (c === QUOTE) {
      this.plainText(node, at, end);
      return end + 1;
    }
    if (c !== BACKSLASH) throw SHRED;
    return this.#escaped(node, at);
  }

  /** A string without escapes between two indexes. */
  plainText(node: Node, start: number, end: number): void {
    const page = this.#page.bytes;
    const length = end - start;
    if (length === 0 && node.emptyIsNull) return;
    if (length > MAX_VARCHAR_BYTES || (length === this.#null.length && hasBytes(page, start, this.#null))) {
      this.#rows.bytes(node, page.toString('hex', start, end));
    } else {
      this.#rows.note(node, Trait.S | textTrait(page, start, length), length, 0, 0);
      this.#rows.cell(node, node.scalarColumn, Cell.PAGE, start, end);
    }
  }

  #escaped(node: Node, at: number): number {
    const page = this.#page.bytes;
    const end = endOfString(page, at);
    const length = unescapedLength(page, at, end);
    const mayBeTime = length === 10 || (length >= 20 && length <= 27);
    const mayBeNull = length === this.#null.length;
    const isSpecial = mayBeNull || (mayBeTime && (isDigit(page[at]) || page[at] === BACKSLASH));
    if (length >= 0 && length <= MAX_VARCHAR_BYTES && !isSpecial) {
      this.#rows.note(node, Trait.S | Trait.other, length, 0, 0);
      this.#rows.cell(node, node.scalarColumn, Cell.ESCAPED, at, end);
    } else {
      this.text(node, this.#page.parsed(at - 1, end + 1) as string);
    }
    return end + 1;
  }

  text(node: Node, text: string): void {
    const bytes = measure(text);
    if (bytes === 0 && node.emptyIsNull) return;
    if (bytes === UNPAIRED_SURROGATE) throw SHRED;
    if (bytes < 0 || bytes > MAX_VARCHAR_BYTES || text === this.#nullText) {
      this.#rows.bytes(node, hexOfText(text));
    } else {
      this.#rows.note(node, Trait.S | Trait[textForm(text)], bytes, 0, 0);
      this.#rows.text(node, node.scalarColumn, quoted(text));
    }
  }

  number(node: Node, at: number): number {
    const page = this.#page.bytes;
    const start = page[at] === MINUS ? at + 1 : at;
    let p = start;
    while (isDigit(page[p])) p++;
    const digits = p - start;
    if (page[p] === QUOTE && digits > 0 && digits <= INT64_DIGITS && (page[start] !== ZERO || p - at === 1)) {
      this.integer(node, at, p);
      return p + 1;
    }
    if (
      page[p] === POINT &&
      digits > 0 &&
      (page[start] !== ZERO || digits === 1) &&
      node.epoch === undefined
    ) {
      const after = this.#decimal(node, at, p);
      if (after >= 0) return after;
    }
    const end = endOfString(page, at);
    this.numberText(node, page.toString('latin1', at, end));
    return end + 1;
  }

  /**
   * A number with a fraction. Zeros at its end are no part of its text.
   * @returns -1 if its column holds it in another form
   */
  #decimal(node: Node, at: number, point: number): number {
    const page = this.#page.bytes;
    let p = point + 1;
    while (isDigit(page[p])) p++;
    if (page[p] !== QUOTE) return -1;
    let end = p;
    while (page[end - 1] === ZERO) end--;
    const scale = end - point - 1;
    if (scale === 0) return -1;
    const start = page[at] === MINUS ? at + 1 : at;
    const integerDigits = page[start] === ZERO ? 0 : point - start;
    if (integerDigits + scale > MAX_PLAIN_DIGITS) return -1;
    this.#rows.note(node, Trait.N | Trait.NOT_INT64, end - at, integerDigits, scale);
    this.#rows.cell(node, node.scalarColumn, Cell.PAGE, at, end);
    return p + 1;
  }

  /** An integer between two indexes that is written as its column holds it, and fits in 64 bits. */
  integer(node: Node, start: number, end: number): void {
    if (node.epoch !== undefined) {
      const page = this.#page.bytes;
      const isSafe = end - start <= SAFE_DIGITS;
      const time = isSafe
        ? integerEpochTime(integerAt(page, start, end), node.epoch)
        : epochTime(page.toString('latin1', start, end), node.epoch);
      if (!this.#time(node, time)) this.numberText(node.n as Node, page.toString('latin1', start, end));
      return;
    }
    const first = this.#page.bytes[start];
    const digits = first === ZERO ? 0 : first === MINUS ? end - start - 1 : end - start;
    this.#rows.note(node, Trait.N, end - start, digits, 0);
    this.#rows.cell(node, node.scalarColumn, Cell.PAGE, start, end);
  }

  numberText(node: Node, n: string): void {
    const { epoch } = node;
    if (epoch !== undefined) {
      const time = exactly(() => epochTime(n, epoch));
      if (!this.#time(node, time)) this.numberText(node.n as Node, n);
      return;
    }
    const { text, integerDigits, scale, int64, exponent } = exactly(() => numberText(n));
    const traits = Trait.N | (int64 ? 0 : Trait.NOT_INT64) | (exponent ? Trait.EXPONENT : 0);
    this.#rows.note(node, traits, text.length, integerDigits, scale);
    this.#rows.text(node, node.scalarColumn, `"${text}"`);
  }

  /** Fills the cell of a time. A number that is no exact time has a column of its own. @returns false for such a number */
  #time(node: Node, time: string | undefined): boolean {
    if (time !== undefined) {
      this.#rows.note(node, Trait.S | Trait.timestamp, time.length, 0, 0);
      this.#rows.text(node, node.scalarColumn, `"${time}"`);
    } else if (node.n === undefined) {
      throw SHRED;
    }
    return time !== undefined;
  }

  binary(node: Node, at: number): number {
    const page = this.#page.bytes;
    const end = endOfString(page, at);
    this.base64(node, page.toString('latin1', at, end));
    return end + 1;
  }

  base64(node: Node, base64: string): void {
    const hex = exactly(() => hexOfBase64(base64));
    if (hex.length > MAX_VARCHAR_BYTES) {
      this.#rows.bytes(node, hex);
    } else {
      this.#rows.note(node, hex === '' ? Trait.emptyB : Trait.B, hex.length, 0, 0);
      this.#rows.text(node, node.scalarColumn, `"${hex}"`);
    }
  }
}

/** The integer between two indexes, of so few digits that it is exact. */
function integerAt(page: Uint8Array, start: number, end: number): number {
  const isNegative = page[start] === MINUS;
  let n = 0;
  for (let p = isNegative ? start + 1 : start; p < end; p++) n = n * 10 + (page[p] as number) - ZERO;
  return isNegative ? -n : n;
}
