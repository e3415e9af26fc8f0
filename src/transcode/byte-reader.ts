import type { Buffer } from 'node:buffer';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  hasBytes,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipValue,
} from './bytes.ts';

/** The bytes are not written as this reader expects, though they may well be JSON: a parser has to read them. */
export const WRITTEN_OTHERWISE = new Error('the JSON is written otherwise');

const NOTHING = new Uint8Array() as Buffer;

/**
 * Reads the structure of JSON without blanks, in which names of members have no escapes, and passes over values without making
 * anything of them. What it passes over may be malformed: it is for JSON whose writer is known.
 */
export class ByteReader {
  #bytes: Buffer = NOTHING;
  #end = 0;
  #nameStart = 0;
  #nameEnd = 0;
  /** The index of the next byte. */
  at = 0;

  turnTo(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    this.at = start;
  }

  /** The byte at the value. */
  get first(): number | undefined {
    return this.#bytes[this.at];
  }

  /** @param take is called at the value of each member, and has to read it @throws WRITTEN_OTHERWISE */
  members(take: () => void): void {
    this.#expect(OPEN_BRACE);
    if (this.#took(CLOSE_BRACE)) return;
    do {
      this.#name();
      take();
    } while (this.#took(COMMA));
    this.#expect(CLOSE_BRACE);
  }

  /** @param take is called at each element, and has to read it @throws WRITTEN_OTHERWISE */
  elements(take: () => void): void {
    this.#expect(OPEN_BRACKET);
    if (this.#took(CLOSE_BRACKET)) return;
    do take();
    while (this.#took(COMMA));
    this.#expect(CLOSE_BRACKET);
  }

  /** Whether the current member has this name. */
  isNamed(name: Uint8Array): boolean {
    return this.#nameEnd - this.#nameStart === name.length && hasBytes(this.#bytes, this.#nameStart, name);
  }

  /** Whether the value is this one, as it is written. */
  isValue(written: Uint8Array): boolean {
    return hasBytes(this.#bytes, this.at, written);
  }

  /** Passes over a value. @throws WRITTEN_OTHERWISE if the bytes end before it does */
  skip(): void {
    this.at = this.#afterValue();
    if (this.at < 0 || this.at > this.#end) throw WRITTEN_OTHERWISE;
  }

  /** Passes over a value. @returns it, as it is written @throws WRITTEN_OTHERWISE */
  text(): string {
    const start = this.at;
    this.skip();
    return this.#bytes.toString('utf8', start, this.at);
  }

  #name(): void {
    this.#expect(QUOTE);
    this.#nameStart = this.at;
    for (let c = this.first; c !== QUOTE; c = this.#bytes[++this.at])
      if (c === BACKSLASH || this.at >= this.#end) throw WRITTEN_OTHERWISE;
    this.#nameEnd = this.at++;
    this.#expect(COLON);
  }

  #afterValue(): number {
    const bytes = this.#bytes;
    const { first } = this;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipValue(bytes, this.at);
    let p = this.at + 1;
    if (first === QUOTE) {
      for (; p < this.#end; p++) {
        if (bytes[p] === QUOTE) return p + 1;
        if (bytes[p] === BACKSLASH) p++;
      }
      return -1;
    }
    for (; p < this.#end; p++) {
      const c = bytes[p];
      if (c === COMMA || c === CLOSE_BRACE || c === CLOSE_BRACKET) return p;
    }
    return -1;
  }

  #took(byte: number): boolean {
    if (this.first !== byte) return false;
    this.at++;
    return true;
  }

  #expect(byte: number): void {
    if (this.at >= this.#end || !this.#took(byte)) throw WRITTEN_OTHERWISE;
  }
}
