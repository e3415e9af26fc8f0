import { BACKSLASH, QUOTE } from './bytes.ts';
import { SHRED } from './shred-instead.ts';

const LOWER_U = 117;

/** What the letter after a backslash stands for; 0 for none. */
const SIMPLE = new Uint8Array(128);
for (const [letter, character] of Object.entries({
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
})) {
  SIMPLE[letter.charCodeAt(0)] = character.charCodeAt(0);
}

/** The index of the quote that ends the string whose first character is at `at`. @throws SHRED if there is none */
export function endOfString(page: Uint8Array, at: number): number {
  for (let p = at; ; p++) {
    const c = page[p];
    if (c === QUOTE) return p;
    if (c === BACKSLASH) p++;
    else if (c === undefined || c < 32) throw SHRED;
  }
}

/**
 * The UTF-8 bytes that a JSON string between these indexes stands for, or -1 if it contains U+0000.
 * @throws SHRED for an escape that is none, and for half of a surrogate pair
 */
export function unescapedLength(page: Uint8Array, start: number, end: number): number {
  let length = 0;
  let holdsNul = false;
  for (let p = start; p < end; length++) {
    if (page[p] !== BACKSLASH) {
      p++;
    } else if (page[p + 1] !== LOWER_U) {
      if (!SIMPLE[page[p + 1] as number]) throw SHRED;
      p += 2;
    } else {
      const unit = hexUnit(page, p + 2);
      p += 6;
      if (unit === 0) holdsNul = true;
      else if (unit >= 0xd800 && unit <= 0xdfff) {
        lowSurrogate(page, unit, p);
        p += 6;
        length += 3;
      } else if (unit >= 0x800) length += 2;
      else if (unit >= 0x80) length++;
    }
  }
  return holdsNul ? -1 : length;
}

/**
 * Writes what a JSON string stands for as UTF-8, with quotes doubled, as CSV needs them. The result is never longer than
 * the JSON. Returns the index after it. `unescapedLength` must have accepted the string.
 */
export function writeUnescaped(
  page: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let to = at;
  for (let p = start; p < end; ) {
    const c = page[p] as number;
    if (c !== BACKSLASH) {
      out[to++] = c;
      p++;
    } else if (page[p + 1] !== LOWER_U) {
      const character = SIMPLE[page[p + 1] as number] as number;
      if (character === QUOTE) out[to++] = QUOTE;
      out[to++] = character;
      p += 2;
    } else {
      let code = hexUnit(page, p + 2);
      p += 6;
      if (code >= 0xd800 && code <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + lowSurrogate(page, code, p) - 0xdc00;
        p += 6;
      }
      if (code === QUOTE) out[to++] = QUOTE;
      to = writeCodePoint(code, out, to);
    }
  }
  return to;
}

function writeCodePoint(code: number, out: Uint8Array, at: number): number {
  let to = at;
  if (code < 0x80) {
    out[to++] = code;
    return to;
  }
  if (code < 0x800) {
    out[to++] = 0xc0 | (code >> 6);
  } else {
    if (code < 0x10000) {
      out[to++] = 0xe0 | (code >> 12);
    } else {
      out[to++] = 0xf0 | (code >> 18);
      out[to++] = 0x80 | ((code >> 12) & 0x3f);
    }
    out[to++] = 0x80 | ((code >> 6) & 0x3f);
  }
  out[to++] = 0x80 | (code & 0x3f);
  return to;
}

/** The second half of the surrogate pair that `high` begins, from the escape at `at`. @throws SHRED if there is none */
function lowSurrogate(page: Uint8Array, high: number, at: number): number {
  if (high > 0xdbff || page[at] !== BACKSLASH || page[at + 1] !== LOWER_U) throw SHRED;
  const low = hexUnit(page, at + 2);
  if (low < 0xdc00 || low > 0xdfff) throw SHRED;
  return low;
}

function hexUnit(page: Uint8Array, at: number): number {
  let unit = 0;
  for (let p = at; p < at + 4; p++) unit = unit * 16 + hexDigit(page[p] as number);
  return unit;
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  if (lower >= 97 && lower <= 102) return lower - 87;
  throw SHRED;
}
