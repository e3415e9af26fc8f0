import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import { CARRIAGE_RETURN, NEWLINE, TAB } from '../byte.ts';
import type { CopyText } from '../copy-text.ts';
import { MAX_ROW_BYTES } from '../row-limits.ts';
import type { TargetColumn } from '../target-column.ts';
import type { CsvScanner } from './csv-scanner.ts';
import { ASCII_TEXT, DECIMAL, hasOrdinaryFields, INTEGER } from './field-readers.ts';
import { type NullWords, nullWords } from './null-words.ts';
import { type PlainColumns, plainColumns } from './plain-columns.ts';
import { PlainFields } from './plain-fields.ts';
import { plainPiece } from './plain-piece.ts';
import { copyDecimal, copyInteger } from './plain-values.ts';
import { copyText } from './runs.ts';
import { HIGH_BITS, quoteToSpace, WORD_BYTES } from './words.ts';

/** `\N` and a tab, as a word. */
const NULL_AND_TAB = 0x09_4e_5c;

/**
 * Turns ordinary records into rows of PostgreSQL's COPY text, in one pass over the bytes, without strings or objects.
 * Anything unusual goes the slow way, by which every rule is defined: a field to `loadField`, a record to `RowLoader`.
 * So nothing is accepted here that they would refuse or change.
 */
export class PlainRows {
  readonly #isOrdinary: boolean;
  readonly #columns: PlainColumns;
  readonly #fields: PlainFields;
  readonly #out: CopyText;
  readonly #quote: number;
  readonly #delimiter: number;
  readonly #toSpace: number;
  readonly #nullWords: NullWords;
  readonly #nullLength: number;
  /** For texts of the piece: `HIGH_BITS` in columns that hold only ASCII, and in all if the piece is not UTF-8. */
  readonly #highBits: Int32Array;

  constructor(columns: TargetColumn[], copy: CopyStatement, out: CopyText) {
    const { nullAs, delimiter, quote } = copy;
    this.#isOrdinary = hasOrdinaryFields(copy);
    this.#columns = plainColumns(columns, copy);
    this.#fields = new PlainFields({ all: columns, columns: this.#columns, copy, out });
    this.#out = out;
    this.#quote = quote.charCodeAt(0);
    this.#delimiter = delimiter.charCodeAt(0);
    this.#toSpace = quoteToSpace(this.#quote);
    this.#nullWords = nullWords(Buffer.from(nullAs.includes(delimiter) ? '' : nullAs, 'latin1'));
    this.#nullLength = nullAs.length;
    this.#highBits = new Int32Array(columns.length);
  }

  /**
   * Adds the rows of the scanner's next records to `out`, up to the first record that is not ordinary or not complete.
   * @returns how many
   */
  add(scanner: CsvScanner): number {
    if (!this.#isOrdinary) return 0;
    const fields = this.#fields;
    if (scanner.bytes !== fields.piece.bytes) this.#begin(scanner);
    fields.begin();
    const { limit } = fields.piece;
    let rows = 0;
    let at = scanner.at;
    let lines = 0;
    while (at < limit) {
      const from = fields.to;
      const end = this.#row(at);
      if (end < 0) {
        fields.to = from;
        break;
      }
      at = end;
      lines += fields.lines + 1;
      rows++;
    }
    this.#out.setLength(fields.to);
    if (rows > 0) scanner.skipTo(at, lines);
    return rows;
  }

  #begin(scanner: CsvScanner): void {
    const piece = plainPiece(scanner);
    this.#fields.piece = piece;
    for (const [column, reader] of this.#columns.readers.entries())
      this.#highBits[column] = reader === ASCII_TEXT || !piece.isUtf8 ? HIGH_BITS : 0;
  }

  /** Writes one record's row. @returns the start of the next record, or -1 if this one is not ordinary or not complete */
  #row(start: number): number {
    const fields = this.#fields;
    const { view, limit } = fields.piece;
    const { count, readers, sizes, scales, notNull } = this.#columns;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const toSpace = this.#toSpace;
    const highBits = this.#highBits;
    const { mask, head, tail, tailOffset, length: nullLength } = this.#nullWords;
    const nullTextLength = this.#nullLength;
    // Whether a blank line is a row depends on the options.
    if (view.getUint8(start) !== delimiter && fields.endsAt(start)) return -1;
    fields.reserve(start);
    fields.lines = 0;
    let at = start;
    let to = fields.to;
    let target = fields.target;
    for (let column = 0; ; ) {
      const word = view.getInt32(at, true);
      const afterNull = at + nullLength;
      let isDone = false;
      if ((word & 0xff) === quote) {
        // Texts and numbers are most fields, and are read here.
        const from = at + 1;
        const shift = to - from;
        const size = sizes[column]!;
        const reader = readers[column]!;
        let end = -1;
        if (reader <= ASCII_TEXT) {
          end = copyText(view, target, from, shift, toSpace, highBits[column]!);
          if (end - from > size) end = -1;
        } else if (reader === INTEGER) end = copyInteger(view, target, from, shift, size);
        else if (reader === DECIMAL) end = copyDecimal(view, target, from, shift, size, scales[column]!);
        if (end > from && end - from !== nullTextLength && view.getUint8(end) === quote) {
          const next = view.getUint8(end + 1);
          if (next === delimiter || next === NEWLINE) {
            at = end + 1;
            to = end + shift;
            isDone = true;
          }
        }
      } else if (
        (word & mask) === head &&
        afterNull < limit &&
        (view.getInt32(at + tailOffset, true) & mask) === tail &&
        (nullLength <= 2 * WORD_BYTES || fields.isNull(at, afterNull)) &&
        (view.getUint8(afterNull) === delimiter || fields.endsAt(afterNull))
      ) {
        if (notNull[column] === 1) return -1;
        target.setInt32(to, NULL_AND_TAB, true);
        to += 2;
        at = afterNull;
        isDone = true;
      }
      if (!isDone) {
        fields.to = to;
        at = fields.write(column, at);
        if (at < 0) return -1;
        to = fields.to;
        target = fields.target;
      }
      const byte = view.getUint8(at);
      column++;
      if (byte === delimiter) {
        if (column === count) return -1;
        target.setUint8(to++, TAB);
        at++;
        continue;
      }
      if (column < count || at - start > MAX_ROW_BYTES) return -1;
      target.setUint8(to++, NEWLINE);
      fields.to = to;
      return byte === CARRIAGE_RETURN ? at + 2 : at + 1;
    }
  }
}
