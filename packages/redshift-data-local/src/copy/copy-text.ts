const ESCAPES = new Uint8Array(256);
for (const [character, letter] of [
  ['\\', '\\'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
] as const) {
  ESCAPES[character.charCodeAt(0)] = letter.charCodeAt(0);
}

/** Rows in PostgreSQL's COPY text format, built byte by byte in one buffer that is passed on when full. */
export class CopyText {
  #buffer: Buffer;
  #used = 0;

  constructor(bytes = 512 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#used;
  }

  /** Makes room for this many bytes; the methods below write without a check. */
  reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#used + bytes));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }

  /** Discards what was written after `length`. */
  cutTo(length: number): void {
    this.#used = length;
  }

  byte(value: number): void {
    this.#buffer[this.#used++] = value;
  }

  null(): void {
    this.#buffer[this.#used++] = 0x5c;
    this.#buffer[this.#used++] = 0x4e;
  }

  /** Bytes that need no escape. */
  plain(source: Buffer, start: number, end: number): void {
    const buffer = this.#buffer;
    let to = this.#used;
    for (let from = start; from < end; from++) buffer[to++] = source[from]!;
    this.#used = to;
  }

  /**
   * Text, escaped, a doubled quote written once. Returns what bytes were met: 0 when all were ASCII, 1 when some were
   * not, -1 if there was a NUL (the caller must discard the text). Needs room for twice its bytes.
   */
  text(source: Buffer, start: number, end: number, quote: number, hasDoubled: boolean): -1 | 0 | 1 {
    const buffer = this.#buffer;
    let to = this.#used;
    let seen = 0;
    for (let from = start; from < end; from++) {
      const byte = source[from]!;
      if (byte === 0) return -1;
      seen |= byte;
      const letter = ESCAPES[byte]!;
      if (letter !== 0) {
        buffer[to++] = 0x5c;
        buffer[to++] = letter;
      } else {
        buffer[to++] = byte;
        if (hasDoubled && byte === quote) from++;
      }
    }
    this.#used = to;
    return seen >= 0x80 ? 1 : 0;
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

  /** What has been written; the next row starts a new buffer. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#used);
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(512 * 1024, this.#buffer.length));
    this.#used = 0;
    return taken;
  }
}
