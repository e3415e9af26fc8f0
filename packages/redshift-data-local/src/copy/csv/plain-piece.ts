import { isUtf8 } from 'node:buffer';
import { NEWLINE } from '../byte.ts';
import type { CsvScanner } from './csv-scanner.ts';

/** A piece of a file, of which `PlainRows` reads the lines that are complete. */
export interface PlainPiece {
  bytes: Buffer;
  /** `bytes` and some more, so that a word may be read at each of its bytes. */
  view: DataView;
  /** After its last line end. */
  limit: number;
  isUtf8: boolean;
}

export function plainPiece({ bytes, view, at }: CsvScanner): PlainPiece {
  const limit = bytes.lastIndexOf(NEWLINE) + 1;
  // Every field begins and ends at an ASCII character. So if the whole is UTF-8, each field is.
  return { bytes, view, limit, isUtf8: isUtf8(bytes.subarray(at, Math.max(at, limit))) };
}
