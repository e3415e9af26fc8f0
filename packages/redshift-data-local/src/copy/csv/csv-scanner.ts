import { CARRIAGE_RETURN, NEWLINE, SPACE, TAB } from '../byte.ts';
import type { RecordScanner } from '../record-scanner.ts';

const PADDING_BYTES = 8;

/**
 * Finds the fields of CSV records in bytes, without creating objects or strings: after `next()` has returned
 * true, the record and its fields are offsets into `bytes`.
 *
 * The rules (AWS: "Data format parameters", CSV): a field that begins with the quote character also ends with it;
 * white space around the quotes is ignored. Inside, quotes are doubled and line ends are data. An unquoted field is all
 * text between delimiters, white space included. A record is malformed if it has a quote anywhere else, a quote that
 * does not close, or anything but white space after a closing quote.
 */
export class CsvScanner implements RecordScanner {
  bytes: Buffer = Buffer.alloc(0);
  /** `bytes` and some more, so that a word may be read at each of its bytes. */
  view = new DataView(new ArrayBuffer(PADDING_BYTES));
  /** What `bytes` is a part of: it is filled again and again. */
  #memory: Buffer = Buffer.from(this.view.buffer);
  /** Fields of the record that `next` found: the value's bytes, with doubled quotes still doubled. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** The number of doubled quotes in the field. */
  doubled = new Int32Array(64);
  fieldCount = 0;
  recordStart = 0;
  /** Before the line end. */
  recordEnd = 0;
  malformed = false;
  /** The line of the file, from 1, on which the record begins. */
  lineNumber = 1;
  #nextLineNumber = 1;
  #at = 0;
  #isLast = false;
  readonly #quote: number;
  readonly #delimiter: number;

  constructor(options: { delimiter: string; quote: string }) {
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#quote = options.quote.charCodeAt(0);
  }

  /** A delimiter at the end of a line has an empty field after it, like any other. */
  readonly endsWithDelimiter = false;

  get problem(): string | undefined {
    return this.malformed ? 'Invalid quote formatting for CSV' : undefined;
  }

  get heldBytes(): number {
    return this.bytes.length - this.#at;
  }

  /** Where the next record begins in `bytes`. */
  get at(): number {
    return this.#at;
  }

  /** Continues after records that were read by other means, up to `at`, and the line ends in them. */
  skipTo(at: number, lines: number): void {
    this.#at = at;
    this.#nextLineNumber += lines;
  }

  /** Adds more of the file. Offsets of earlier records become invalid. */
  feed(chunk: Buffer): void {
    const held = this.heldBytes;
    const length = held + chunk.length;
    if (length + PADDING_BYTES > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#memory.length * 2) + PADDING_BYTES);
      this.bytes.copy(larger, 0, this.#at);
      this.#memory = larger;
      this.view = new DataView(larger.buffer);
    } else this.#memory.copy(this.#memory, 0, this.#at, this.bytes.length);
    chunk.copy(this.#memory, held);
    this.bytes = this.#memory.subarray(0, length);
    this.#at = 0;
  }

  /** Marks the end of the file: the rest is a record without a line end. */
  end(): void {
    this.#isLast = true;
  }

  /** Finds the next record. @returns false if it is incomplete, or if the file has no more. */
  next(): boolean {
    const bytes = this.bytes;
    const quote = this.#quote;
    const delimiter = this.#delimiter;
    const limit = bytes.length;
    const start = this.#at;
    if (start >= limit) return false;
    let count = 0;
    let malformed = false;
    let lines = 0;
    let at = start;
    for (;;) {
      if (count === this.starts.length) this.#grow();
      let begin = at;
      let end: number;
      let doubled = 0;
      let byte = at < limit ? bytes[at]! : NEWLINE;
      let open = at;
      while ((byte === SPACE || byte === TAB) && byte !== delimiter && open + 1 < limit)
        byte = bytes[++open]!;
      if (open < limit && bytes[open] === quote) {
        begin = open + 1;
        at = begin;
        for (;;) {
          if (at >= limit) {
            if (!this.#isLast) return false;
            malformed = true;
            break;
          }
          byte = bytes[at]!;
          if (byte === NEWLINE) lines++;
          else if (byte === quote) {
            if (at + 1 >= limit && !this.#isLast) return false;
            if (bytes[at + 1] !== quote) break;
            doubled++;
            at++;
          }
          at++;
        }
        end = Math.min(at, limit);
        at = end + 1;
        // White space up to the delimiter or the line end.
        for (; at < limit; at++) {
          byte = bytes[at]!;
          if (byte === delimiter || byte === NEWLINE) break;
          if (byte === CARRIAGE_RETURN && (at + 1 >= limit || bytes[at + 1] === NEWLINE)) continue;
          if (byte !== SPACE && byte !== TAB) malformed = true;
        }
      } else {
        for (; at < limit; at++) {
          byte = bytes[at]!;
          if (byte === delimiter || byte === NEWLINE) break;
          if (byte === quote) malformed = true;
        }
        end = at;
        if (end > begin && at < limit && bytes[at] === NEWLINE && bytes[end - 1] === CARRIAGE_RETURN) end--;
      }
      if (at >= limit && !this.#isLast) return false;
      this.starts[count] = begin;
      this.ends[count] = end;
      this.doubled[count] = doubled;
      count++;
      if (at < limit && bytes[at] === delimiter) {
        at++;
        continue;
      }
      break;
    }
    this.fieldCount = count;
    this.malformed = malformed;
    this.recordStart = start;
    this.recordEnd = Math.min(at, limit);
    if (this.recordEnd > start && at < limit && bytes[this.recordEnd - 1] === CARRIAGE_RETURN)
      this.recordEnd--;
    this.#at = at + 1;
    this.lineNumber = this.#nextLineNumber;
    this.#nextLineNumber += lines + 1;
    return true;
  }

  #grow(): void {
    for (const name of ['starts', 'ends', 'doubled'] as const) {
      const larger = new Int32Array(this[name].length * 2);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  /** A field's value as latin1 text: one character per byte. */
  field(index: number): string {
    const text = this.bytes.toString('latin1', this.starts[index], this.ends[index]);
    if (this.doubled[index] === 0) return text;
    const quote = String.fromCharCode(this.#quote);
    return text.replaceAll(quote + quote, quote);
  }

  /** The record as it is in the file, without its line end, as latin1 text. */
  raw(): string {
    return this.bytes.toString('latin1', this.recordStart, this.recordEnd);
  }
}
