import { Buffer } from 'node:buffer';
import { COMMA, QUOTE, writeInteger } from './bytes.ts';
import { SPARE_BYTES, wordsOf } from './words.ts';

const DIGITS = Buffer.alloc(16);

/** How the rows of an item begin: the quoted fields of its key and of the positions in lists, with commas between them. */
export class RowPrefix {
  #bytes = Buffer.alloc(4096);
  words = wordsOf(this.#bytes);
  /** The number of bytes. Setting it back takes fields away again. */
  length = 0;

  /** Adds a field. @param bytes without quotes among them */
  add(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + (end - start) + 3;
    if (length + SPARE_BYTES > this.#bytes.length) this.#grow(length * 2);
    const out = this.#bytes;
    let to = this.length;
    if (to > 0) out[to++] = COMMA;
    out[to++] = QUOTE;
    for (let p = start; p < end; p++) out[to++] = bytes[p] as number;
    out[to++] = QUOTE;
    this.length = to;
  }

  /** Adds the position of a list's member. */
  addInteger(position: number): void {
    this.add(DIGITS, 0, writeInteger(position, DIGITS, 0));
  }

  #grow(bytes: number): void {
    const grown = Buffer.alloc(bytes);
    this.#bytes.copy(grown);
    this.#bytes = grown;
    this.words = wordsOf(grown);
  }
}
