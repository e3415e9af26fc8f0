import { Buffer, isUtf8 } from 'node:buffer';

/** A record as it is in its file. */
export interface RawRecord {
  /** The line that it begins on, from 1. */
  readonly line: number;
  /** Its text. Of one that is malformed or too long, at most `MAX_RAW_BYTES`. */
  readonly text: string;
  /** Why it is no JSON object, if that is certain already. */
  readonly malformed?: string;
}

/** More of a record that is set aside is not kept. */
const MAX_RAW_BYTES = 1024 * 1024;
/** What is kept of the text of a record that is set aside. */
export const beginningOf = (text: string): string => text.slice(0, MAX_RAW_BYTES);

/** A longer record is set aside: all of it would be in memory. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

const [LF, QUOTE, BACKSLASH, OPEN, CLOSE, LIST, LIST_END, COMMA, COLON] = Buffer.from('\n"\\{}[],:');
const isBlank = (byte: number) => byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === LF;

/**
 * Finds the records of a file in bytes that arrive in pieces: JSON objects, one per line, several in a line, over several
 * lines, or in lists. Everything else but blanks and commas is a malformed record, so that nothing of a file is lost.
 * Memory is bounded by one piece and one record.
 */
export class RawRecords {
  #line: number;
  #recordLine = 1;
  /** The brackets that are open in the record. */
  #open: number[] = [];
  #inList = false;
  /** Text at the top that is no object, up to the next line, bracket or comma. */
  #isStray = false;
  #isText = false;
  #isEscaped = false;
  /** The last byte in the record that is not blank. */
  #last = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isFirst: boolean;

  /** @param line to begin at, which is not at the beginning of the file; absent: at the beginning, where a byte order mark may be */
  constructor(line?: number) {
    this.#line = line ?? 1;
    this.#isFirst = line === undefined;
  }

  /** The line that it is at. */
  get line(): number {
    return this.#line;
  }

  /** No record or list is open. */
  get isBetween(): boolean {
    return this.#open.length === 0 && !this.#isStray && !this.#inList && !this.#isFirst;
  }

  /** The records that end in this piece. */
  push(bytes: Uint8Array): RawRecord[] {
    const piece = this.#withoutMark(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const found: RawRecord[] = [];
    let start = 0;
    const end = (at: number, malformed?: string) => {
      found.push(this.#record(piece.subarray(start, at), malformed));
      start = at;
    };
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (this.#open.length === 0) {
        if (
          this.#isStray &&
          (byte === LF || byte === OPEN || byte === LIST || byte === LIST_END || byte === COMMA)
        ) {
          end(at, 'not a JSON object');
          this.#isStray = false;
        }
        if (byte === LF) this.#line++;
        if (this.#isStray || isBlank(byte)) continue;
        if (this.#isDelimiter(byte)) continue;
        start = at;
        this.#recordLine = this.#line;
        if (byte === OPEN) this.#begin(byte);
        else this.#isStray = true;
        continue;
      }
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isText = false;
        if (byte !== LF) continue;
        // JSON's text has no line breaks: this record was cut off.
        end(at, 'text without its closing quote');
        this.#reset();
        this.#line++;
        continue;
      }
      if (byte === LF) {
        this.#line++;
        continue;
      }
      if (isBlank(byte)) continue;
      if (byte === OPEN && this.#beginsLine(piece, at) && !this.#expectsValue()) {
        end(at, 'a record that does not end before the next one begins');
        this.#reset();
        this.#recordLine = this.#line;
        this.#begin(byte);
        continue;
      }
      this.#last = byte;
      if (byte === QUOTE) this.#isText = true;
      else if (byte === OPEN || byte === LIST) this.#open.push(byte);
      else if (byte === CLOSE || byte === LIST_END) {
        this.#close(byte);
        if (this.#open.length === 0) end(at + 1);
      }
    }
    if (this.#open.length > 0 || this.#isStray) this.#hold(piece.subarray(start));
    return found;
  }

  /** What remains at the end of the file. */
  finish(): RawRecord[] {
    const found: RawRecord[] = [];
    if (this.#open.length > 0) found.push(this.#record(Buffer.alloc(0), 'the file ends inside this record'));
    else if (this.#isStray) found.push(this.#record(Buffer.alloc(0), 'not a JSON object'));
    else if (this.#inList)
      found.push({ line: this.#line, text: '', malformed: 'the file ends inside a list' });
    this.#reset();
    this.#isStray = false;
    this.#inList = false;
    return found;
  }

  /** A byte order mark may be divided between pieces. */
  #withoutMark(piece: Buffer): Buffer {
    if (!this.#isFirst) return piece;
    const whole = Buffer.concat([...this.#held, piece]);
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    this.#held = [];
    if (whole.length < 3 && mark.subarray(0, whole.length).equals(whole)) {
      this.#held = [Buffer.from(whole)];
      return Buffer.alloc(0);
    }
    this.#isFirst = false;
    return whole.subarray(0, 3).equals(mark) ? whole.subarray(3) : whole;
  }

  /** Commas, and the brackets of lists of records. */
  #isDelimiter(byte: number): boolean {
    if (byte === COMMA) return true;
    if (byte === LIST && !this.#inList) {
      this.#inList = true;
      return true;
    }
    if (byte === LIST_END && this.#inList) {
      this.#inList = false;
      return true;
    }
    return false;
  }

  #begin(byte: number): void {
    this.#open = [byte];
    this.#last = byte;
  }

  #reset(): void {
    this.#open = [];
    this.#isText = false;
    this.#isEscaped = false;
  }

  /** A bracket also closes those inside that were left open; the parser then refuses the record. */
  #close(byte: number): void {
    const opening = byte === CLOSE ? OPEN! : LIST!;
    const at = this.#open.lastIndexOf(opening);
    if (at >= 0) this.#open.length = at;
  }

  #expectsValue(): boolean {
    return (
      this.#last === COLON || (this.#open.at(-1) === LIST && (this.#last === LIST || this.#last === COMMA))
    );
  }

  #beginsLine(piece: Buffer, at: number): boolean {
    const before = at > 0 ? piece[at - 1] : this.#held.at(-1)?.at(-1);
    return before === LF;
  }

  #hold(rest: Buffer): void {
    // Only the end is needed of a record that is too long: how it began is kept.
    if (this.#heldBytes + rest.length <= MAX_RECORD_BYTES || this.#heldBytes < MAX_RAW_BYTES)
      this.#held.push(Buffer.from(rest.subarray(0, MAX_RECORD_BYTES)));
    else if (rest.length > 0) this.#held[this.#held.length - 1] = Buffer.from(rest.subarray(-1));
    this.#heldBytes += rest.length;
  }

  #record(last: Buffer, malformed: string | undefined): RawRecord {
    const bytes = this.#heldBytes + last.length;
    const whole = this.#heldBytes === 0 ? last : Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    const why =
      bytes > MAX_RECORD_BYTES
        ? `a record of more than ${MAX_RECORD_BYTES / 1024 / 1024} MB`
        : (malformed ?? (isUtf8(whole) ? undefined : 'not UTF-8'));
    const line = this.#recordLine;
    if (why === undefined) return { line, text: whole.toString('utf8') };
    return { line, text: whole.subarray(0, MAX_RAW_BYTES).toString('utf8').trimEnd(), malformed: why };
  }
}
