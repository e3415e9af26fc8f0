import type { CopyText } from './copy-text.ts';

/** Reads the files of a COPY, one after another, as bytes that arrive piece by piece, into rows of COPY text. */
export interface RowReader {
  /** Where the rows are written. */
  readonly out: CopyText;
  /** Begins with the next file. */
  begin(fileName: string): void;
  /** Reads the rows that end in these bytes of the file. @throws CopyFailure if too many were refused */
  feed(chunk: Buffer): void;
  /** Reads what remains at the end of the file. @throws CopyFailure as `feed` does */
  end(): void;
}
