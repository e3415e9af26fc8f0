/**
 * JSON.parse in Node 24 can read an object's key that holds an escape as another key it met before: after a key
 * `\` the key `"` is read as `\` (https://github.com/nodejs/node/issues/63785). Attribute names may be anything,
 * so a page with such names would lose values in silence. Keys without escapes are always read right.
 */

/** A key with an escape; also a few arrays of strings, which are then only read more slowly. */
const ESCAPED_KEY = /[{,][ \t\r\n]*"[^"\\]*\\/;

/**
 * The value of a JSON text, exactly: every key as it was written, every member an own property, the last of two
 * members of one name.
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactly(text: string): unknown {
  if (!text.includes('\\') || !ESCAPED_KEY.test(text)) return JSON.parse(text);
  // Texts with escaped keys never reach JSON.parse, not even to be checked: it would remember their keys.
  return new Reader(text).read();
}

const BLANKS = /[ \t\r\n]*/y;
const PLAIN = /true|false|null|-?\d[-+.eE\d]*/y;

/** Reads the structure itself and leaves strings, numbers and words, each alone, to JSON.parse. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
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
        return JSON.parse(this.#take(this.#match(PLAIN)));
    }
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

  /** The next character that is not blank; the empty text at the end. */
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
