import { isUtf8 } from 'node:buffer';
import type { CopyStatement } from '../sql/copy-statement.ts';
import type { TypeKind } from '../sql/type-name.ts';
import { BACKSLASH, CARRIAGE_RETURN, NEWLINE, SPACE, TAB } from './byte.ts';
import { type ByteClasses, DELIMITER, PLAIN, QUOTE, textClasses, UNUSUAL } from './byte-classes.ts';
import type { CopyText } from './copy-text.ts';
import { type CsvScanner, MAX_ROW_BYTES } from './csv-scanner.ts';
import { FieldError } from './field-error.ts';
import {
  ASCII_TEXT,
  BOOLEAN,
  DATE,
  DECIMAL,
  FLOAT,
  HEX,
  hasOrdinaryFields,
  INTEGER,
  JSON_TEXT,
  readerOf,
  TIMESTAMP,
  TIMESTAMPTZ,
} from './field-readers.ts';
import { loadField } from './field-rules.ts';
import { type NullWords, nullWords } from './null-words.ts';
import { PlainJson } from './plain-json.ts';
import { clockEnd, dateEnd, decimalEnd, floatEnd, hexEnd, integerEnd } from './plain-values.ts';
import type { TargetColumn } from './target-column.ts';
import { BACKSLASHES, bytesEqual, controlBytes, firstByte, HIGH_BITS, ONES, WORD_BYTES } from './words.ts';

/** So many digits fit for sure. */
const INTEGER_DIGITS: Partial<Record<TypeKind, number>> = { smallint: 4, integer: 9, bigint: 18 };

/** `\N` and a tab, as a word. */
const NULL_AND_TAB = 0x09_4e_5c;
const [LETTER_N, LETTER_T, LETTER_X, LETTER_Z] = [0x4e, 0x54, 0x78, 0x5a];
const [PLUS, ZERO, ONE, SMALL_F, SMALL_T] = [0x2b, 0x30, 0x31, 0x66, 0x74];

/**
 * Turns ordinary records into rows of PostgreSQL's COPY text, in one pass over the bytes, without strings or objects.
 * Anything unusual goes the slow way, by which every rule is defined: a field to `loadField`, a record to `RowLoader`.
 * So nothing is accepted here that they would refuse or change.
 */
export class PlainRows {
  readonly #columns: TargetColumn[];
  readonly #copy: CopyStatement;
  readonly #out: CopyText;
  readonly #isOrdinary: boolean;
  readonly #quote: number;
  readonly #delimiter: number;
  readonly #nullAs: Buffer;
  readonly #nullWords: NullWords;
  readonly #readers: Uint8Array;
  readonly #sizes: Int32Array;
  readonly #scales: Int32Array;
  readonly #emptyIsNull: Uint8Array;
  readonly #notNull: Uint8Array;
  readonly #takesIso: boolean;
  readonly #classes: Record<'quoted' | 'bare' | 'quotedAscii' | 'bareAscii', ByteClasses>;
  readonly #json = new PlainJson();

  // The piece of the file that is being read.
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView;
  /** After its last line end. */
  #limit = 0;
  #isUtf8 = false;
  // Where the row is written. `#to` is after the last complete field.
  #buffer: Buffer;
  #target: DataView;
  #to = 0;
  /** Line ends in fields of the row. */
  #lines = 0;

  constructor(columns: TargetColumn[], copy: CopyStatement, out: CopyText) {
    this.#columns = columns;
    this.#copy = copy;
    this.#out = out;
    this.#buffer = out.buffer;
    this.#target = out.view;
    this.#view = out.view;
    const { nullAs } = copy;
    this.#isOrdinary = hasOrdinaryFields(copy);
    const quote = copy.quote.charCodeAt(0);
    const delimiter = copy.delimiter.charCodeAt(0);
    this.#quote = quote;
    this.#delimiter = delimiter;
    this.#nullAs = Buffer.from(nullAs, 'latin1');
    this.#nullWords = nullWords(nullAs.includes(copy.delimiter) ? Buffer.alloc(0) : this.#nullAs);
    this.#takesIso = copy.timeFormat === 'auto';
    this.#readers = Uint8Array.from(columns, ({ kind }) => readerOf(kind, copy));
    this.#sizes = Int32Array.from(columns, ({ kind, precision, scale, maxBytes }) =>
      kind === 'numeric' ? precision - scale : (INTEGER_DIGITS[kind] ?? maxBytes),
    );
    this.#scales = Int32Array.from(columns, ({ scale }) => scale);
    this.#emptyIsNull = Uint8Array.from(columns, ({ kind }) =>
      (kind === 'varchar' || kind === 'char') && !copy.emptyAsNull && nullAs !== '' ? 0 : 1,
    );
    this.#notNull = Uint8Array.from(columns, ({ notNull }) => (notNull ? 1 : 0));
    this.#classes = {
      quoted: textClasses({ quote, multibyte: true }),
      bare: textClasses({ quote, delimiter, multibyte: true }),
      quotedAscii: textClasses({ quote, multibyte: false }),
      bareAscii: textClasses({ quote, delimiter, multibyte: false }),
    };
  }

  /**
   * Adds the rows of the scanner's next records to `out`, up to the first record that is not ordinary or not complete.
   * @returns how many
   */
  add(scanner: CsvScanner): number {
    if (!this.#isOrdinary) return 0;
    if (scanner.bytes !== this.#bytes) this.#begin(scanner);
    const out = this.#out;
    this.#buffer = out.buffer;
    this.#target = out.view;
    this.#to = out.length;
    let rows = 0;
    let at = scanner.at;
    let lines = 0;
    while (at < this.#limit) {
      const from = this.#to;
      const end = this.#row(at);
      if (end < 0) {
        this.#to = from;
        break;
      }
      at = end;
      lines += this.#lines + 1;
      rows++;
    }
    out.setLength(this.#to);
    if (rows > 0) scanner.skipTo(at, lines);
    return rows;
  }

  #begin(scanner: CsvScanner): void {
    this.#bytes = scanner.bytes;
    this.#view = scanner.view;
    this.#limit = scanner.bytes.lastIndexOf(NEWLINE) + 1;
    // Every field begins and ends at an ASCII character. So if the whole is UTF-8, each field is.
    this.#isUtf8 = isUtf8(scanner.bytes.subarray(scanner.at, Math.max(scanner.at, this.#limit)));
  }

  /** Writes one record's row. @returns the start of the next record, or -1 if this one is not ordinary or not complete */
  #row(start: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const columns = this.#readers.length;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const notNull = this.#notNull;
    const limit = this.#limit;
    const { mask, head, tail, tailOffset, length: nullLength } = this.#nullWords;
    // Whether a blank line is a row depends on the options.
    if (bytes[start] !== delimiter && this.#isEnd(start)) return -1;
    this.#reserve(start);
    this.#lines = 0;
    let at = start;
    let to = this.#to;
    let target = this.#target;
    for (let column = 0; ; ) {
      const word = view.getInt32(at, true);
      const afterNull = at + nullLength;
      if (
        (word & mask) === head &&
        afterNull < limit &&
        (view.getInt32(at + tailOffset, true) & mask) === tail &&
        (nullLength <= 2 * WORD_BYTES || this.#isNull(at, afterNull)) &&
        (bytes[afterNull] === delimiter || this.#isEnd(afterNull))
      ) {
        if (notNull[column] === 1) return -1;
        target.setInt32(to, NULL_AND_TAB, true);
        to += 2;
        at = afterNull;
      } else {
        this.#to = to;
        at = (word & 0xff) === quote ? this.#quoted(column, at + 1) : this.#bare(column, at);
        if (at < 0) return -1;
        to = this.#to;
        target = this.#target;
      }
      const byte = bytes[at]!;
      column++;
      if (byte === delimiter) {
        if (column === columns) return -1;
        target.setUint8(to++, TAB);
        at++;
        continue;
      }
      if (column < columns || at - start > MAX_ROW_BYTES) return -1;
      target.setUint8(to++, NEWLINE);
      this.#to = to;
      return byte === CARRIAGE_RETURN ? at + 2 : at + 1;
    }
  }

  /** Room for the rest of the piece. Escaped text is at most twice as long, and few fields grow by a few bytes. */
  #reserve(at: number): void {
    const wanted = (this.#limit - at) * 2 + this.#readers.length * 8 + WORD_BYTES;
    if (this.#buffer.length - this.#to >= wanted) return;
    this.#out.setLength(this.#to);
    this.#out.reserve(wanted);
    this.#buffer = this.#out.buffer;
    this.#target = this.#out.view;
  }

  /** Whether a field ends here: at a delimiter or a line end. */
  #isEnd(at: number): boolean {
    const byte = this.#bytes[at]!;
    return (
      byte === this.#delimiter ||
      byte === NEWLINE ||
      (byte === CARRIAGE_RETURN && this.#bytes[at + 1] === NEWLINE)
    );
  }

  /** Whether the bytes from `start` to `end` are the NULL string. */
  #isNull(start: number, end: number): boolean {
    const nullAs = this.#nullAs;
    if (end - start !== nullAs.length) return false;
    for (let i = 0; i < nullAs.length; i++) if (this.#bytes[start + i] !== nullAs[i]) return false;
    return true;
  }

  #null(column: number): boolean {
    if (this.#notNull[column] === 1) return false;
    this.#buffer[this.#to++] = BACKSLASH;
    this.#buffer[this.#to++] = LETTER_N;
    return true;
  }

  /** A field in quotes, from its first byte in them. @returns where the field ends, or -1 */
  #quoted(column: number, start: number): number {
    const reader = this.#readers[column]!;
    const to = this.#to;
    const lines = this.#lines;
    const end =
      reader <= ASCII_TEXT ? this.#quotedText(column, start) : this.#value(column, reader, start, true);
    if (end >= 0 && this.#bytes[end] === this.#quote && this.#isEnd(end + 1)) {
      if (!this.#isNull(start, end)) return end + 1;
      this.#to = to;
      return this.#null(column) ? end + 1 : -1;
    }
    this.#to = to;
    this.#lines = lines;
    return this.#judgeQuoted(column, start);
  }

  /** A field without quotes. @returns where it ends, or -1 */
  #bare(column: number, start: number): number {
    const bytes = this.#bytes;
    const byte = bytes[start]!;
    if (this.#isEnd(start)) {
      if (this.#emptyIsNull[column] === 0) return start;
      return this.#null(column) ? start : -1;
    }
    if (byte === SPACE || byte === TAB) {
      let at = start;
      while (bytes[at] === SPACE || (bytes[at] === TAB && TAB !== this.#delimiter)) at++;
      if (bytes[at] === this.#quote) return this.#quoted(column, at + 1);
    }
    const reader = this.#readers[column]!;
    const to = this.#to;
    const end =
      reader <= ASCII_TEXT ? this.#bareText(column, start) : this.#value(column, reader, start, false);
    if (end >= 0 && this.#isEnd(end)) return end;
    this.#to = to;
    return this.#judgeBare(column, start);
  }

  /** Writes a value that is not text. @returns its end, or -1; the caller checks that the field ends there */
  #value(column: number, reader: number, start: number, isQuoted: boolean): number {
    const bytes = this.#bytes;
    switch (reader) {
      case INTEGER:
        return this.#copied(start, integerEnd(bytes, start, this.#sizes[column]!));
      case DECIMAL:
        return this.#copied(start, decimalEnd(bytes, start, this.#sizes[column]!, this.#scales[column]!));
      case FLOAT:
        return this.#copied(start, floatEnd(bytes, start));
      case DATE:
        return this.#copied(start, dateEnd(bytes, start));
      case TIMESTAMP:
      case TIMESTAMPTZ:
        return this.#timestamp(start, reader);
      case BOOLEAN:
        return this.#boolean(start);
      case HEX: {
        const end = hexEnd(bytes, start, this.#sizes[column]!);
        if (end <= start) return -1;
        this.#buffer[this.#to++] = BACKSLASH;
        this.#buffer[this.#to++] = BACKSLASH;
        this.#buffer[this.#to++] = LETTER_X;
        return this.#copied(start, end);
      }
      case JSON_TEXT: {
        const json = this.#json;
        if (!isQuoted || !json.write(bytes, start, this.#buffer, this.#to, this.#isUtf8)) return -1;
        this.#to = json.to;
        return json.at;
      }
      default:
        return -1;
    }
  }

  #copied(start: number, end: number): number {
    if (end < 0) return end;
    const view = this.#view;
    const target = this.#target;
    const shift = this.#to - start;
    for (let at = start; at < end; at += WORD_BYTES)
      target.setInt32(at + shift, view.getInt32(at, true), true);
    this.#to = end + shift;
    return end;
  }

  #timestamp(start: number, reader: number): number {
    const bytes = this.#bytes;
    const day = dateEnd(bytes, start);
    if (day < 0) return -1;
    if (bytes[day] !== SPACE && (bytes[day] !== LETTER_T || !this.#takesIso)) return -1;
    const end = clockEnd(bytes, day + 1);
    if (end < 0) return -1;
    this.#copied(start, day);
    this.#buffer[this.#to++] = SPACE;
    this.#copied(day + 1, end);
    if (bytes[end] !== LETTER_Z || !this.#takesIso) return end;
    if (reader === TIMESTAMPTZ) {
      this.#buffer[this.#to++] = PLUS;
      this.#buffer[this.#to++] = ZERO;
      this.#buffer[this.#to++] = ZERO;
    }
    return end + 1;
  }

  #boolean(start: number): number {
    const bytes = this.#bytes;
    const first = bytes[start]!;
    let end = start + 1;
    if (first === SMALL_T || first === SMALL_F) {
      // `true`, `false`, or the letter.
      const rest = first === SMALL_T ? RUE : ALSE;
      if (bytes[end] === rest[0]) {
        for (let i = 0; i < rest.length; i++) if (bytes[end + i] !== rest[i]) return -1;
        end += rest.length;
      }
    } else if (first !== ZERO && first !== ONE) return -1;
    this.#buffer[this.#to++] = first === SMALL_T || first === ONE ? SMALL_T : SMALL_F;
    return end;
  }

  /** Writes text up to its closing quote, which is returned, or -1. */
  #quotedText(column: number, start: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const target = this.#target;
    const buffer = this.#buffer;
    const isAscii = this.#readers[column] === ASCII_TEXT || !this.#isUtf8;
    const classes = isAscii ? this.#classes.quotedAscii : this.#classes.quoted;
    const highBits = isAscii ? HIGH_BITS : 0;
    const quote = this.#quote;
    const quotes = quote * ONES;
    let to = this.#to;
    let at = start;
    let removed = 0;
    let lines = 0;
    for (;;) {
      // Whole words are copied up to the first byte that may have to be written in another way.
      const word = view.getInt32(at, true);
      target.setInt32(to, word, true);
      const special =
        controlBytes(word) | bytesEqual(word, quotes) | bytesEqual(word, BACKSLASHES) | (word & highBits);
      if (special === 0) {
        at += WORD_BYTES;
        to += WORD_BYTES;
        continue;
      }
      const ordinary = firstByte(special);
      at += ordinary;
      to += ordinary;
      const byte = bytes[at]!;
      const what = classes[byte]!;
      if (what === PLAIN) {
        buffer[to++] = byte;
        at++;
      } else if (what === QUOTE) {
        if (bytes[at + 1] !== quote) break;
        buffer[to++] = quote;
        at += 2;
        removed++;
      } else if (what === UNUSUAL) return -1;
      else {
        buffer[to++] = BACKSLASH;
        buffer[to++] = what;
        at++;
        if (byte === NEWLINE) {
          lines++;
          if (at === this.#limit) return -1;
        }
      }
    }
    if (at - start - removed > this.#sizes[column]! || (at === start && this.#emptyIsNull[column] === 1))
      return -1;
    this.#lines += lines;
    this.#to = to;
    return at;
  }

  /** Writes text up to the end of the field, which is returned, or -1. */
  #bareText(column: number, start: number): number {
    const bytes = this.#bytes;
    const buffer = this.#buffer;
    const isAscii = this.#readers[column] === ASCII_TEXT || !this.#isUtf8;
    const classes = isAscii ? this.#classes.bareAscii : this.#classes.bare;
    let to = this.#to;
    let at = start;
    for (; ; at++) {
      const byte = bytes[at]!;
      const what = classes[byte]!;
      if (what === PLAIN) buffer[to++] = byte;
      else if (what === DELIMITER || byte === NEWLINE) break;
      else if (what === QUOTE || what === UNUSUAL) return -1;
      else {
        if (byte === CARRIAGE_RETURN && bytes[at + 1] === NEWLINE) break;
        buffer[to++] = BACKSLASH;
        buffer[to++] = what;
      }
    }
    if (at - start > this.#sizes[column]!) return -1;
    this.#to = to;
    return at;
  }

  /** A field in quotes that is not ordinary. @returns where it ends, or -1 if the record is not ordinary either */
  #judgeQuoted(column: number, start: number): number {
    const bytes = this.#bytes;
    const quote = this.#quote;
    let doubled = false;
    let lines = 0;
    let end = start;
    for (; ; end++) {
      if (end >= this.#limit) return -1;
      const byte = bytes[end];
      if (byte === NEWLINE) lines++;
      else if (byte === quote) {
        if (bytes[end + 1] !== quote) break;
        doubled = true;
        end++;
      }
    }
    let after = end + 1;
    while (bytes[after] === SPACE || (bytes[after] === TAB && TAB !== this.#delimiter)) after++;
    if (!this.#isEnd(after)) return -1;
    this.#lines += lines;
    const text = bytes.toString('latin1', start, end);
    const field = doubled ? text.replaceAll(this.#copy.quote + this.#copy.quote, this.#copy.quote) : text;
    return this.#judge(column, field, after);
  }

  /** A field without quotes that is not ordinary. @returns where it ends, or -1 if the record is not ordinary either */
  #judgeBare(column: number, start: number): number {
    const bytes = this.#bytes;
    let end = start;
    while (!this.#isEnd(end)) if (bytes[end++] === this.#quote) return -1;
    return this.#judge(column, bytes.toString('latin1', start, end), end);
  }

  /** A field's value by the rules. @returns `after`, or -1 if the field cannot be loaded */
  #judge(column: number, field: string, after: number): number {
    let value: string | null;
    try {
      value = loadField(field, this.#columns[column]!, this.#copy);
    } catch (error) {
      if (error instanceof FieldError) return -1;
      throw error;
    }
    if (value === null) return this.#null(column) ? after : -1;
    this.#out.setLength(this.#to);
    this.#out.string(value);
    this.#to = this.#out.length;
    this.#buffer = this.#out.buffer;
    this.#target = this.#out.view;
    // A value may be longer than its field: a date, for example.
    this.#reserve(after);
    return after;
  }
}

const RUE = Buffer.from('rue');
const ALSE = Buffer.from('alse');
