import { Buffer } from 'node:buffer';
import { freeMemory } from '../memory/free-memory.ts';
import { wordsOf } from './words.ts';

const FIRST_BYTES = 4096;
/** A block has about 256 KB. What one item with many rows needed beyond that is not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** The bytes of one table's rows, before they are compressed. It grows as needed and is used again for the next block. */
export class RowBuffer {
  bytes: Buffer = NOTHING;
  /** The same bytes. */
  words = wordsOf(NOTHING);
  /** The number of bytes written. Setting it back takes rows away again. */
  length = 0;
  /** The rows of all blocks so far. */
  rows = 0;

  /** Makes room for so many bytes after `length`. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2, FIRST_BYTES));
    this.bytes.copy(grown, 0, 0, this.length);
    this.#use(grown);
  }

  /** Appends text as UTF-8. */
  append(text: string, rows: number): void {
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length, 'utf8');
    this.rows += rows;
  }

  /** Appends the bytes between two indexes, which are part of a row. */
  appendBytes(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** The bytes written. They stay valid until the next row is written. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Starts the next block. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > MAX_KEPT_BYTES) this.free();
  }

  /** Frees its memory: the bytes written are gone. */
  free(): void {
    this.length = 0;
    this.#use(NOTHING);
  }

  #use(bytes: Buffer): void {
    freeMemory(this.bytes);
    this.bytes = bytes;
    this.words = wordsOf(bytes);
  }
}
