import { BACKSLASH, CARRIAGE_RETURN, NEWLINE } from '../byte.ts';
import type { RecordScanner } from '../record-scanner.ts';

const QUOTES: ReadonlySet<number> = new Set(Buffer.from(`'"`));

/** A field of the record: offsets of its value, without the quotes that REMOVEQUOTES removes. */
interface TextField {
  start: number;
  end: number;
  hasEscapes: boolean;
}

/**
 * Finds the fields of delimited text (AWS: "Data conversion parameters", ESCAPE and REMOVEQUOTES).
 *
 * A field is all text between delimiters, white space included. With ESCAPE, the character after a backslash is data,
 * a delimiter, a quote, a line end or a backslash included. With REMOVEQUOTES, a field that begins with a single or
 * double quotation mark ends with the same mark before a delimiter or the line end; delimiters and other marks between
 * the two are data, and a field without the second mark makes the record malformed.
 */
export class TextScanner implements RecordScanner {
  fieldCount = 0;
  recordStart = 0;
  recordEnd = 0;
  problem: string | undefined;
  endsWithDelimiter = false;
  lineNumber = 1;
  #bytes = Buffer.alloc(0);
  #fields: TextField[] = [];
  #nextLineNumber = 1;
  #at = 0;
  #isLast = false;
  readonly #delimiter: Buffer;
  readonly #escape: boolean;
  readonly #removeQuotes: boolean;
  readonly #nullAs: string;

  constructor(options: { delimiter: string; escape: boolean; removeQuotes: boolean; nullAs: string }) {
    this.#delimiter = Buffer.from(options.delimiter, 'latin1');
    this.#escape = options.escape;
    this.#removeQuotes = options.removeQuotes;
    this.#nullAs = options.nullAs;
  }

  get heldBytes(): number {
    return this.#bytes.length - this.#at;
  }

  feed(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  end(): void {
    this.#isLast = true;
  }

  next(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start >= bytes.length) return false;
    this.#fields = [];
    this.problem = undefined;
    let lines = 0;
    let at = start;
    for (;;) {
      const begin = at;
      const quote = this.#removeQuotes && QUOTES.has(bytes[at] ?? NEWLINE) ? bytes[at++] : undefined;
      let isOpen = quote !== undefined;
      let afterEscape = begin;
      let isDelimited = false;
      for (; at < bytes.length; at++) {
        const byte = bytes[at]!;
        if (byte === NEWLINE) break;
        if (byte === BACKSLASH && this.#escape) {
          if (at + 1 >= bytes.length) {
            if (!this.#isLast) return false;
            this.problem = 'The file ends after an escape character';
          }
          if (bytes[++at] === NEWLINE) lines++;
          afterEscape = at + 1;
          continue;
        }
        // What follows decides whether this byte is data, so all of it must be there.
        if (!this.#isLast && at + this.#delimiter.length >= bytes.length) return false;
        if (isOpen && byte === quote) isOpen = !this.#isFieldEnd(at + 1);
        else if (!isOpen && this.#isDelimiter(at)) {
          isDelimited = true;
          break;
        }
      }
      if (at >= bytes.length && !this.#isLast) return false;
      if (isOpen) this.problem = 'The quotation mark at the start of a field has no matching mark at its end';
      let end = Math.min(at, bytes.length);
      if (!isDelimited && at < bytes.length && end > afterEscape && bytes[end - 1] === CARRIAGE_RETURN) end--;
      const hasEscapes = afterEscape > begin;
      this.#fields.push(
        quote === undefined || isOpen
          ? { start: begin, end, hasEscapes }
          : { start: begin + 1, end: end - 1, hasEscapes },
      );
      if (isDelimited) {
        at += this.#delimiter.length;
        continue;
      }
      this.recordEnd = end;
      break;
    }
    this.recordStart = start;
    this.fieldCount = this.#fields.length;
    const last = this.#fields.at(-1)!;
    this.endsWithDelimiter = this.fieldCount > 1 && last.start === last.end && last.start === this.recordEnd;
    this.#at = Math.min(at + 1, bytes.length);
    this.lineNumber = this.#nextLineNumber;
    this.#nextLineNumber += lines + 1;
    return true;
  }

  #isDelimiter(at: number): boolean {
    const delimiter = this.#delimiter;
    for (let i = 0; i < delimiter.length; i++) if (this.#bytes[at + i] !== delimiter[i]) return false;
    return true;
  }

  #isFieldEnd(at: number): boolean {
    const bytes = this.#bytes;
    const lineEnd = bytes[at] === CARRIAGE_RETURN && at + 1 < bytes.length ? at + 1 : at;
    return lineEnd >= bytes.length || bytes[lineEnd] === NEWLINE || this.#isDelimiter(at);
  }

  /** With ESCAPE, the default NULL string may be written with one backslash or with two. */
  field(index: number): string | null {
    const { start, end, hasEscapes } = this.#fields[index]!;
    const text = this.#bytes.toString('latin1', start, end);
    if (!hasEscapes) return text;
    if (text === '\\N' && this.#nullAs === '\\N') return null;
    return text.replace(/\\([\s\S])/g, '$1');
  }

  raw(): string {
    return this.#bytes.toString('latin1', this.recordStart, this.recordEnd);
  }
}
