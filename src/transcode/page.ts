import { Buffer } from 'node:buffer';
import { parseExactly } from '../pipeline/item/exact-json.ts';
import { skipValue } from './bytes.ts';
import { exactly, SHRED } from './shred-instead.ts';
import { wordsOf } from './words.ts';

const NOTHING = Buffer.alloc(0);

/** The page that is walked over. */
export class Page {
  bytes: Buffer = NOTHING;
  /** The same bytes. */
  words = wordsOf(NOTHING);

  turnTo(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.words = wordsOf(bytes);
  }

  /** The index after the object or array that starts at `at`. @throws SHRED if the page ends before it does */
  skip(at: number): number {
    const end = skipValue(this.bytes, at);
    if (end < 0) throw SHRED;
    return end;
  }

  /** The value of the JSON between these indexes. @throws SHRED if it is none */
  parsed(start: number, end: number): unknown {
    return exactly(() => parseExactly(this.bytes.toString('utf8', start, end)));
  }
}
