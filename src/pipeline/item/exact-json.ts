/**
 * JSON.parse in Node 24 can confuse an object key that contains an escape with a key it parsed earlier: after a
 * key `\`, it reads the key `"` as `\` (https://github.com/nodejs/node/issues/63785). Attribute names may contain
 * any character, so a page with such names would silently lose values. Keys without escapes are always read
 * correctly.
 */

/** A key with an escape. It also matches some arrays of strings, which are then only parsed more slowly. */
const ESCAPED_KEY = /[{,][ \t\r\n]*"[^"\\]*\\/;

/**
 * Parses JSON exactly: every key as written, and every member an own property. Of two members with the same name,
 * the last one counts.
 * @param number makes a value of a number as it is written; without it, numbers are those of JSON.parse
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactly(text: string, number?: (written: string) => unknown): unknown {
  // JSON.parse must not see a text with escaped keys, even for a check: it would remember their keys.
  if (text.includes('\\') && ESCAPED_KEY.test(text)) return new Reader(text, number).read();
  if (number === undefined) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? number(context?.source ?? String(value)) : value,
  );
}

const BLANKS = /[ \t\r\n]*/y;
const PLAIN = /true|false|null|-?\d[-+.eE\d]*/y;

/** Reads the structure itself, and passes each string, number and literal separately to JSON.parse. */
class Reader {
  readonly #text: string;
  readonly #number: ((written: string) => unknown) | undefined;
  #at = 0;

  constructor(text: string, number?: (written: string) => unknown) {
    this.#text = text;
    this.#number = number;
  }

  read(): unknown {
    const value = this.#value();
    if (this.#next() !== '') throw this.#unexpected();
    return value;
  }

  #value(): unknown {
    switch (this.#next()) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#plain(this.#take(this.#match(PLAIN)));
    }
  }

  #plain(written: string): unknown {
    const value: unknown = JSON.parse(written);
    return typeof value === 'number' && this.#number !== undefined ? this.#number(written) : value;
  }

  #object(): Record<string, unknown> {
    const members: [string, unknown][] = [];
    this.#take(1);
    if (!this.#took('}')) {
      do {
        if (this.#next() !== '"') throw this.#unexpected();
        const name = this.#string();
        if (!this.#took(':')) throw this.#unexpected();
        members.push([name, this.#value()]);
      } while (this.#took(','));
      if (!this.#took('}')) throw this.#unexpected();
    }
    return Object.fromEntries(members);
  }

  #array(): unknown[] {
    const members: unknown[] = [];
    this.#take(1);
    if (!this.#took(']')) {
      do members.push(this.#value());
      while (this.#took(','));
      if (!this.#took(']')) throw this.#unexpected();
    }
    return members;
  }

  #string(): string {
    let end = this.#at;
    do end = this.#text.indexOf('"', end + 1);
    while (end > 0 && this.#isEscaped(end));
    if (end < 0) throw this.#unexpected();
    return JSON.parse(this.#take(end + 1 - this.#at));
  }

  #isEscaped(at: number): boolean {
    let backslashes = 0;
    while (this.#text[at - 1 - backslashes] === '\\') backslashes++;
    return backslashes % 2 === 1;
  }

  /** The next non-blank character; the empty string at the end. */
  #next(): string {
    this.#at += this.#match(BLANKS);
    return this.#text.charAt(this.#at);
  }

  #took(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  #take(length: number): string {
    if (length === 0) throw this.#unexpected();
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }

  #match(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`not JSON at position ${this.#at}`);
  }
}
