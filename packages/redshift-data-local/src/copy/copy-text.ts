import { ESCAPES } from './byte-classes.ts';

/** Rows in PostgreSQL's COPY text format, built byte by byte in one buffer that is passed on when full. */
export class CopyText {
  #buffer: Buffer;
  #view: DataView;
  #spare: Buffer | undefined;
  #used = 0;

  constructor(bytes = 512 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#used;
  }

  /** Where the rows are written; `reserve` and the methods that call it may replace it. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** `buffer`, to write words. */
  get view(): DataView {
    return this.#view;
  }

  /** Makes room for this many more bytes. */
  reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#used + bytes));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }

  /** Discards what was written after `length`, or accepts what was written to `buffer` up to there. */
  setLength(length: number): void {
    this.#used = length;
  }

  byte(value: number): void {
    this.reserve(1);
    this.#buffer[this.#used++] = value;
  }

  null(): void {
    this.reserve(2);
    this.#buffer[this.#used++] = 0x5c;
    this.#buffer[this.#used++] = 0x4e;
  }

  /** A latin1 string, escaped. */
  string(value: string): void {
    this.reserve(value.length * 2);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      const letter = ESCAPES[code]!;
      if (letter !== 0) {
        this.#buffer[this.#used++] = 0x5c;
        this.#buffer[this.#used++] = letter;
      } else this.#buffer[this.#used++] = code;
    }
  }

  /** What has been written. The next row starts a new buffer. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#used);
    this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(this.#buffer.length);
    this.#view = new DataView(this.#buffer.buffer);
    this.#spare = undefined;
    this.#used = 0;
    return taken;
  }

  /** Reuses the memory of what was taken, which no one reads any more. */
  giveBack(taken: Buffer): void {
    this.#spare = Buffer.from(taken.buffer);
  }
}
