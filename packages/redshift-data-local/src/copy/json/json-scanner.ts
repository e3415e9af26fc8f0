import { BACKSLASH, CARRIAGE_RETURN, NEWLINE, QUOTATION_MARK, SPACE, TAB } from '../byte.ts';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const isBlank = (byte: number) =>
  byte === SPACE || byte === NEWLINE || byte === CARRIAGE_RETURN || byte === TAB;
const isOpening = (byte: number) => byte === OPEN_OBJECT || byte === OPEN_ARRAY;

/**
 * Finds the objects and arrays of a JSON file in bytes that arrive piece by piece (AWS: "JSON data file"): root-level
 * structures with white space between them, or nothing. Brackets decide where a structure ends; whether it is
 * well-formed is not checked. After `next()` has returned true, the other members describe what it found.
 */
export class JsonScanner {
  /** `stray`: characters outside of any structure. `open`: a structure that the end of the file cuts off. */
  found: 'structure' | 'stray' | 'open' = 'structure';
  /** The last line of what was found, from 1. */
  lineNumber = 1;
  /** How deep the structures in the found one are nested; 1 if it contains none. */
  depth = 0;
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Up to here the bytes were read. */
  #at = 0;
  #openBrackets = 0;
  #isInString = false;
  #isEscaped = false;
  #isLast = false;
  #headerLines: number;

  /** @param headerLines are skipped first, wherever their ends are */
  constructor(headerLines: number) {
    this.#headerLines = headerLines;
  }

  /** Bytes of the structure that is not finished yet. */
  get heldBytes(): number {
    return this.#openBrackets === 0 ? 0 : this.#bytes.length - this.#start;
  }

  /** Adds more of the file. */
  feed(chunk: Buffer): void {
    const from = this.#openBrackets === 0 ? this.#at : this.#start;
    this.#bytes = Buffer.concat([this.#bytes.subarray(from), chunk]);
    this.#at -= from;
    this.#start = 0;
  }

  end(): void {
    this.#isLast = true;
  }

  /** Finds the next structure. @returns false if it is incomplete, or if the file has no more */
  next(): boolean {
    this.#skipHeader();
    if (this.#openBrackets > 0) return this.#structure();
    const bytes = this.#bytes;
    for (; this.#at < bytes.length && isBlank(bytes[this.#at]!); this.#at++)
      if (bytes[this.#at] === NEWLINE) this.lineNumber++;
    if (this.#at >= bytes.length) return false;
    if (!isOpening(bytes[this.#at]!)) return this.#stray();
    this.#start = this.#at++;
    this.#openBrackets = 1;
    this.depth = 1;
    return this.#structure();
  }

  /** What was found, as latin1 text: one character per byte. */
  text(): string {
    return this.#bytes.toString('latin1', this.#start, this.#end);
  }

  #skipHeader(): void {
    while (this.#headerLines > 0) {
      const lineEnd = this.#bytes.indexOf(NEWLINE, this.#at);
      if (lineEnd < 0) {
        this.#at = this.#bytes.length;
        return;
      }
      this.#at = lineEnd + 1;
      this.#headerLines--;
      this.lineNumber++;
    }
  }

  #stray(): boolean {
    const bytes = this.#bytes;
    let end = this.#at;
    while (end < bytes.length && !isBlank(bytes[end]!) && !isOpening(bytes[end]!)) end++;
    if (end >= bytes.length && !this.#isLast) return false;
    this.#found('stray', this.#at, end);
    return true;
  }

  #structure(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < bytes.length && this.#openBrackets > 0; at++) {
      const byte = bytes[at]!;
      if (byte === NEWLINE) this.lineNumber++;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTATION_MARK) this.#isInString = false;
      } else if (byte === QUOTATION_MARK) this.#isInString = true;
      else if (isOpening(byte)) this.depth = Math.max(this.depth, ++this.#openBrackets);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#openBrackets--;
    }
    this.#at = at;
    if (this.#openBrackets > 0 && !this.#isLast) return false;
    this.#found(this.#openBrackets > 0 ? 'open' : 'structure', this.#start, at);
    this.#openBrackets = 0;
    return true;
  }

  #found(what: 'structure' | 'stray' | 'open', start: number, end: number): void {
    this.found = what;
    this.#start = start;
    this.#end = end;
    this.#at = end;
  }
}
