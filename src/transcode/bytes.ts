/** ASCII, as the walk reads it. */
export const QUOTE = 34;
export const COMMA = 44;
export const MINUS = 45;
export const POINT = 46;
export const ZERO = 48;
const NINE = 57;
export const COLON = 58;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const CLOSE_BRACKET = 93;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;
export const LINE_FEED = 10;
export const LETTER = { B: 66, L: 76, M: 77, N: 78, O: 79, S: 83, T: 84, U: 85, Z: 90 } as const;

/** Whether these bytes are at `at`. */
export function hasBytes(page: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (page[at + i] !== bytes[i]) return false;
  return true;
}

/** Compares the bytes between two pairs of indexes, as `sort` expects. */
export function compareBytes(page: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  const length = Math.min(aEnd - a, bEnd - b);
  for (let i = 0; i < length; i++) {
    const difference = (page[a + i] as number) - (page[b + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - a - (bEnd - b);
}

/**
 * The index after the object or array that starts at `at`, or -1 if the bytes end before it does. It looks only at
 * strings and brackets: what it passes over may still be malformed.
 */
export function skipValue(page: Uint8Array, at: number): number {
  let depth = 0;
  for (let p = at; p < page.length; ) {
    const c = page[p++];
    if (c === QUOTE) {
      for (;;) {
        const s = page[p++];
        if (s === QUOTE) break;
        if (s === BACKSLASH) p++;
        else if (s === undefined) return -1;
      }
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      depth++;
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      if (--depth === 0) return p;
    }
  }
  return -1;
}

/** The index of the first byte from `at` on that is no blank. */
export function afterBlanks(page: Uint8Array, at: number): number {
  let p = at;
  for (let c = page[p]; c === 32 || c === 10 || c === 13 || c === 9; c = page[p]) p++;
  return p;
}

export const isDigit = (c: number | undefined): c is number => c !== undefined && c >= ZERO && c <= NINE;

/** Writes a non-negative integer in decimal. Returns the index after it. */
export function writeInteger(n: number, out: Uint8Array, at: number): number {
  if (n < 10) {
    out[at] = ZERO + n;
    return at + 1;
  }
  let length = 1;
  for (let rest = n; rest >= 10; rest = Math.floor(rest / 10)) length++;
  let rest = n;
  for (let i = at + length - 1; i >= at; i--) {
    out[i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return at + length;
}
