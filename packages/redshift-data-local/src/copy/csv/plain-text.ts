import { BACKSLASH, CARRIAGE_RETURN, NEWLINE } from '../byte.ts';
import { type ByteClasses, DELIMITER, PLAIN, QUOTE, textClasses, UNUSUAL } from '../byte-classes.ts';
import type { PlainPiece } from './plain-piece.ts';
import { copyText } from './runs.ts';
import { HIGH_BITS, quoteToSpace } from './words.ts';

/** Reads text fields and writes them in PostgreSQL's COPY text. */
export class PlainText {
  /** After the text. */
  at = 0;
  /** After what was written. */
  to = 0;
  /** Line ends in the text. */
  lines = 0;
  readonly #quote: number;
  readonly #toSpace: number;
  readonly #classes: Record<'quoted' | 'bare' | 'quotedAscii' | 'bareAscii', ByteClasses>;

  constructor(quote: number, delimiter: number) {
    this.#quote = quote;
    this.#toSpace = quoteToSpace(quote);
    this.#classes = {
      quoted: textClasses({ quote, multibyte: true }),
      bare: textClasses({ quote, delimiter, multibyte: true }),
      quotedAscii: textClasses({ quote, multibyte: false }),
      bareAscii: textClasses({ quote, delimiter, multibyte: false }),
    };
  }

  /**
   * A text up to its closing quote. Needs room for twice its bytes.
   * @returns its length, or -1 if it is not ordinary or not complete
   */
  writeQuoted(piece: PlainPiece, target: DataView, start: number, startTo: number, isAscii: boolean): number {
    const { view, limit } = piece;
    const classes = isAscii ? this.#classes.quotedAscii : this.#classes.quoted;
    const highBits = isAscii ? HIGH_BITS : 0;
    const quote = this.#quote;
    let at = start;
    let to = startTo;
    let removed = 0;
    this.lines = 0;
    for (;;) {
      const end = copyText(view, target, at, to - at, this.#toSpace, highBits);
      to += end - at;
      at = end;
      const byte = view.getUint8(at);
      const what = classes[byte]!;
      if (what === PLAIN) {
        target.setUint8(to++, byte);
        at++;
      } else if (what === QUOTE) {
        if (view.getUint8(at + 1) !== quote) break;
        target.setUint8(to++, quote);
        at += 2;
        removed++;
      } else if (what === UNUSUAL) return -1;
      else {
        target.setUint8(to++, BACKSLASH);
        target.setUint8(to++, what);
        at++;
        if (byte === NEWLINE) {
          this.lines++;
          if (at === limit) return -1;
        }
      }
    }
    this.at = at;
    this.to = to;
    return at - start - removed;
  }

  /** A text without quotes, up to the end of its field. @returns its length, or -1 if it is not ordinary */
  writeBare(
    { bytes }: PlainPiece,
    target: Uint8Array,
    start: number,
    startTo: number,
    isAscii: boolean,
  ): number {
    const classes = isAscii ? this.#classes.bareAscii : this.#classes.bare;
    let at = start;
    let to = startTo;
    for (; ; at++) {
      const byte = bytes[at]!;
      const what = classes[byte]!;
      if (what === PLAIN) target[to++] = byte;
      else if (what === DELIMITER || byte === NEWLINE) break;
      else if (what === QUOTE || what === UNUSUAL) return -1;
      else {
        if (byte === CARRIAGE_RETURN && bytes[at + 1] === NEWLINE) break;
        target[to++] = BACKSLASH;
        target[to++] = what;
      }
    }
    this.at = at;
    this.to = to;
    this.lines = 0;
    return at - start;
  }
}
