import { BACKSLASH, COLON, isDigit, MINUS, POINT, QUOTATION_MARK, SPACE } from '../byte.ts';

/** A string that may be longer than a VARCHAR is left to `superField`, which decodes and measures it. */
const MAX_STRING_BYTES = 65_535;
/** One bit each. */
const MAX_DEPTH = 30;

const PLAIN = 0;
const STRING_END = 1;
const ESCAPE = 2;
const UNUSUAL = 3;

/** Classes of the bytes within a JSON string. */
function stringClasses(multibyte: boolean): Uint8Array {
  const classes = new Uint8Array(256);
  classes.fill(UNUSUAL, 0, SPACE);
  if (!multibyte) classes.fill(UNUSUAL, 0x80);
  classes[QUOTATION_MARK] = STRING_END;
  classes[BACKSLASH] = ESCAPE;
  return classes;
}
const UTF8_STRING = stringClasses(true);
const ASCII_STRING = stringClasses(false);

const SIMPLE_ESCAPES = new Uint8Array(256);
for (const letter of '\\/bfnrt') SIMPLE_ESCAPES[letter.charCodeAt(0)] = 1;

const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * Reads the JSON of a quoted field, in which each quotation mark is doubled, and writes it in PostgreSQL's COPY text.
 * It accepts only what `superField` accepts, and leaves everything that is rare to it.
 */
export class PlainJson {
  /** After the value and the blanks that follow it. */
  at = 0;
  /** After what was written. */
  to = 0;

  /** @returns whether a value begins at `at` that could be written at `to`. Needs room for twice its bytes. */
  write(source: Uint8Array, at: number, target: Uint8Array, to: number, isUtf8: boolean): boolean {
    this.at = at;
    this.to = to;
    const classes = isUtf8 ? UTF8_STRING : ASCII_STRING;
    // The containers around the value: from the innermost, a bit each, 1 for a map.
    let depth = 0;
    let maps = 0;
    for (;;) {
      // A value.
      this.#blanks(source, target);
      const byte = source[this.at]!;
      let isDone = false;
      if (byte === QUOTATION_MARK) {
        if (!this.#string(source, target, classes)) return false;
        isDone = true;
      } else if (byte === OPEN_MAP || byte === OPEN_LIST) {
        if (++depth > MAX_DEPTH) return false;
        maps = (maps << 1) | (byte === OPEN_MAP ? 1 : 0);
        target[this.to++] = byte;
        this.at++;
        this.#blanks(source, target);
        const isEmpty = source[this.at] === (byte === OPEN_MAP ? CLOSE_MAP : CLOSE_LIST);
        if (!isEmpty) {
          if (byte === OPEN_MAP && !this.#key(source, target, classes)) return false;
          continue;
        }
        isDone = true;
      } else {
        const end = byte === MINUS || isDigit(byte) ? numberEnd(source, this.at) : wordEnd(source, this.at);
        if (end < 0) return false;
        for (let from = this.at; from < end; from++) target[this.to++] = source[from]!;
        this.at = end;
        isDone = true;
      }
      // After a value: the ends of containers, then a comma before the next value, or the end.
      while (isDone) {
        this.#blanks(source, target);
        if (depth === 0) return true;
        const next = source[this.at]!;
        const isMap = (maps & 1) === 1;
        if (next === (isMap ? CLOSE_MAP : CLOSE_LIST)) {
          depth--;
          maps >>>= 1;
        } else if (next === COMMA) isDone = false;
        else return false;
        target[this.to++] = next;
        this.at++;
        if (!isDone && isMap && !this.#key(source, target, classes)) return false;
      }
    }
  }

  #blanks(source: Uint8Array, target: Uint8Array): void {
    while (source[this.at] === SPACE) {
      target[this.to++] = SPACE;
      this.at++;
    }
  }

  /** A key and its colon. */
  #key(source: Uint8Array, target: Uint8Array, classes: Uint8Array): boolean {
    this.#blanks(source, target);
    if (source[this.at] !== QUOTATION_MARK || !this.#string(source, target, classes)) return false;
    this.#blanks(source, target);
    if (source[this.at] !== COLON) return false;
    target[this.to++] = COLON;
    this.at++;
    return true;
  }

  /** A string, from its first quotation mark. */
  #string(source: Uint8Array, target: Uint8Array, classes: Uint8Array): boolean {
    let at = this.at + 1;
    let to = this.to;
    if (source[at++] !== QUOTATION_MARK) return false;
    target[to++] = QUOTATION_MARK;
    const from = at;
    for (;;) {
      const byte = source[at++]!;
      const what = classes[byte]!;
      if (what === PLAIN) {
        target[to++] = byte;
        continue;
      }
      if (what === STRING_END) break;
      if (what === UNUSUAL) return false;
      // A backslash, which PostgreSQL's COPY text doubles.
      const escaped = source[at++]!;
      target[to++] = BACKSLASH;
      target[to++] = BACKSLASH;
      if (escaped === BACKSLASH) target[to++] = BACKSLASH;
      else if (escaped === QUOTATION_MARK) {
        if (source[at++] !== QUOTATION_MARK) return false;
      } else if (SIMPLE_ESCAPES[escaped] !== 1) return false;
      target[to++] = escaped;
    }
    if (source[at] !== QUOTATION_MARK || at - from > MAX_STRING_BYTES) return false;
    target[to++] = QUOTATION_MARK;
    this.at = at + 1;
    this.to = to;
    return true;
  }
}

/** The end of a number as JSON writes it, or -1. */
function numberEnd(source: Uint8Array, at: number): number {
  const from = source[at] === MINUS ? at + 1 : at;
  let end = from;
  while (isDigit(source[end]!)) end++;
  if (end === from || (source[from] === 0x30 && end > from + 1)) return -1;
  if (source[end] === POINT) {
    const point = end++;
    while (isDigit(source[end]!)) end++;
    if (end === point + 1) return -1;
  }
  // An exponent is left to `superField`.
  return end;
}

/** The end of `true`, `false` or `null`, or -1. */
function wordEnd(source: Uint8Array, at: number): number {
  const word = source[at] === TRUE[0] ? TRUE : source[at] === FALSE[0] ? FALSE : NULL;
  for (let i = 0; i < word.length; i++) if (source[at + i] !== word[i]) return -1;
  return at + word.length;
}
