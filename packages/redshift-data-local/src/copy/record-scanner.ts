/**
 * Finds the records of a file and their fields in bytes that arrive piece by piece. After `next()` has returned true,
 * the other members describe the record that it found.
 */
export interface RecordScanner {
  readonly fieldCount: number;
  /** Before the line end, as `recordStart` an offset into the bytes. */
  readonly recordEnd: number;
  readonly recordStart: number;
  /** Why the record cannot be read as fields. */
  readonly problem: string | undefined;
  /** Whether the last field is only what follows a delimiter at the end of the line, if the format allows one. */
  readonly endsWithDelimiter: boolean;
  /** The line of the file, from 1, on which the record begins. */
  readonly lineNumber: number;
  /** Bytes of the record that is not finished yet. */
  readonly heldBytes: number;
  /** Adds more of the file. */
  feed(chunk: Buffer): void;
  /** Marks the end of the file: the rest is a record without a line end. */
  end(): void;
  /** Finds the next record. @returns false if it is incomplete, or if the file has no more */
  next(): boolean;
  /** A field's value as latin1 text, one character per byte; null if it is written as NULL. */
  field(index: number): string | null;
  /** The record as it is in the file, without its line end, as latin1 text. */
  raw(): string;
}
