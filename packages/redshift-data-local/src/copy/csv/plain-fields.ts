import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import { BACKSLASH, CARRIAGE_RETURN, NEWLINE, SPACE, TAB } from '../byte.ts';
import type { CopyText } from '../copy-text.ts';
import type { TargetColumn } from '../target-column.ts';
import { FieldError } from '../values/field-error.ts';
import { loadField } from '../values/field-rules.ts';
import {
  ASCII_TEXT,
  BOOLEAN,
  DATE,
  DECIMAL,
  FLOAT,
  HEX,
  INTEGER,
  JSON_TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from './field-readers.ts';
import type { PlainColumns } from './plain-columns.ts';
import { PlainJson } from './plain-json.ts';
import type { PlainPiece } from './plain-piece.ts';
import { PlainText } from './plain-text.ts';
import { clockEnd, copyDecimal, copyFloat, copyInteger, dateEnd, hexEnd } from './plain-values.ts';
import { WORD_BYTES } from './words.ts';

const [LETTER_N, LETTER_T, LETTER_X, LETTER_Z] = [0x4e, 0x54, 0x78, 0x5a];
const [PLUS, ZERO, ONE, SMALL_F, SMALL_T] = [0x2b, 0x30, 0x31, 0x66, 0x74];
const RUE = Buffer.from('rue');
const ALSE = Buffer.from('alse');

/** Reads single fields of an ordinary record, and writes them in PostgreSQL's COPY text: by `loadField` if need be. */
export class PlainFields {
  piece: PlainPiece = {
    bytes: Buffer.alloc(0),
    view: new DataView(new ArrayBuffer(0)),
    limit: 0,
    isUtf8: true,
  };
  /** Where the row is written. */
  buffer: Buffer;
  target: DataView;
  /** After the last complete field. */
  to = 0;
  /** Line ends in fields of the row. */
  lines = 0;
  readonly #all: TargetColumn[];
  readonly #columns: PlainColumns;
  readonly #copy: CopyStatement;
  readonly #out: CopyText;
  readonly #quote: number;
  readonly #delimiter: number;
  readonly #nullAs: Buffer;
  readonly #takesIso: boolean;
  readonly #text: PlainText;
  readonly #json = new PlainJson();

  constructor(of: { all: TargetColumn[]; columns: PlainColumns; copy: CopyStatement; out: CopyText }) {
    const { copy, out } = of;
    this.#all = of.all;
    this.#columns = of.columns;
    this.#copy = copy;
    this.#out = out;
    this.buffer = out.buffer;
    this.target = out.view;
    this.#quote = copy.quote.charCodeAt(0);
    this.#delimiter = copy.delimiter.charCodeAt(0);
    this.#nullAs = Buffer.from(copy.nullAs, 'latin1');
    this.#takesIso = copy.timeFormat === 'auto';
    this.#text = new PlainText(this.#quote, this.#delimiter);
  }

  /** Continues after what `out` has. */
  begin(): void {
    this.buffer = this.#out.buffer;
    this.target = this.#out.view;
    this.to = this.#out.length;
  }

  /** Makes room for the rest of the piece. Escaped text is at most twice as long, and few fields grow by a few bytes. */
  reserve(at: number): void {
    const wanted = (this.piece.limit - at) * 2 + this.#columns.count * 8 + WORD_BYTES;
    if (this.buffer.length - this.to >= wanted) return;
    this.#out.setLength(this.to);
    this.#out.reserve(wanted);
    this.buffer = this.#out.buffer;
    this.target = this.#out.view;
  }

  /** Whether a field ends here: at a delimiter or a line end. */
  endsAt(at: number): boolean {
    const { bytes } = this.piece;
    const byte = bytes[at]!;
    return (
      byte === this.#delimiter || byte === NEWLINE || (byte === CARRIAGE_RETURN && bytes[at + 1] === NEWLINE)
    );
  }

  /** Whether the bytes from `start` to `end` are the NULL string. */
  isNull(start: number, end: number): boolean {
    const nullAs = this.#nullAs;
    const { bytes } = this.piece;
    if (end - start !== nullAs.length) return false;
    for (let i = 0; i < nullAs.length; i++) if (bytes[start + i] !== nullAs[i]) return false;
    return true;
  }

  /** Writes a field that is not NULL without quotes. @returns where it ends, or -1 if the record is not ordinary */
  write(column: number, at: number): number {
    return this.piece.bytes[at] === this.#quote ? this.#quoted(column, at + 1) : this.#bare(column, at);
  }

  #null(column: number): boolean {
    if (this.#columns.notNull[column] === 1) return false;
    this.buffer[this.to++] = BACKSLASH;
    this.buffer[this.to++] = LETTER_N;
    return true;
  }

  /** A field in quotes, from its first byte in them. */
  #quoted(column: number, start: number): number {
    const reader = this.#columns.readers[column]!;
    const { to, lines } = this;
    const end =
      reader <= ASCII_TEXT ? this.#quotedText(column, start) : this.#value(column, reader, start, true);
    if (end >= 0 && this.piece.bytes[end] === this.#quote && this.endsAt(end + 1)) {
      if (!this.isNull(start, end)) return end + 1;
      this.to = to;
      return this.#null(column) ? end + 1 : -1;
    }
    this.to = to;
    this.lines = lines;
    return this.#judgeQuoted(column, start);
  }

  #bare(column: number, start: number): number {
    const { bytes } = this.piece;
    const byte = bytes[start]!;
    if (this.endsAt(start)) {
      if (this.#columns.emptyIsNull[column] === 0) return start;
      return this.#null(column) ? start : -1;
    }
    if (byte === SPACE || byte === TAB) {
      const at = this.#afterBlanks(start);
      if (bytes[at] === this.#quote) return this.#quoted(column, at + 1);
    }
    const reader = this.#columns.readers[column]!;
    const to = this.to;
    const end =
      reader <= ASCII_TEXT ? this.#bareText(column, start) : this.#value(column, reader, start, false);
    if (end >= 0 && this.endsAt(end)) return end;
    this.to = to;
    return this.#judgeBare(column, start);
  }

  #afterBlanks(start: number): number {
    const { bytes } = this.piece;
    let at = start;
    while (bytes[at] === SPACE || (bytes[at] === TAB && TAB !== this.#delimiter)) at++;
    return at;
  }

  #quotedText(column: number, start: number): number {
    const text = this.#text;
    const isAscii = this.#columns.readers[column] === ASCII_TEXT || !this.piece.isUtf8;
    const length = text.writeQuoted(this.piece, this.target, start, this.to, isAscii);
    const fits = length <= this.#columns.sizes[column]!;
    if (length < 0 || !fits || (text.at === start && this.#columns.emptyIsNull[column] === 1)) return -1;
    this.lines += text.lines;
    this.to = text.to;
    return text.at;
  }

  #bareText(column: number, start: number): number {
    const text = this.#text;
    const isAscii = this.#columns.readers[column] === ASCII_TEXT || !this.piece.isUtf8;
    const length = text.writeBare(this.piece, this.buffer, start, this.to, isAscii);
    if (length < 0 || length > this.#columns.sizes[column]!) return -1;
    this.to = text.to;
    return text.at;
  }

  /** Writes a value that is not text. @returns its end, or -1; the caller checks that the field ends there */
  #value(column: number, reader: number, start: number, isQuoted: boolean): number {
    const { bytes, view } = this.piece;
    const { sizes, scales } = this.#columns;
    const { target } = this;
    const shift = this.to - start;
    switch (reader) {
      case INTEGER:
        return this.#ended(copyInteger(view, target, start, shift, sizes[column]!), shift);
      case DECIMAL:
        return this.#ended(copyDecimal(view, target, start, shift, sizes[column]!, scales[column]!), shift);
      case FLOAT:
        return this.#ended(copyFloat(view, target, start, shift), shift);
      case DATE:
        return this.#copied(start, dateEnd(bytes, start));
      case TIMESTAMP:
      case TIMESTAMPTZ:
        return this.#timestamp(start, reader);
      case BOOLEAN:
        return this.#boolean(start);
      case HEX: {
        const end = hexEnd(bytes, start, sizes[column]!);
        if (end <= start) return -1;
        this.buffer[this.to++] = BACKSLASH;
        this.buffer[this.to++] = BACKSLASH;
        this.buffer[this.to++] = LETTER_X;
        return this.#copied(start, end);
      }
      case JSON_TEXT: {
        const json = this.#json;
        if (!isQuoted || !json.write(bytes, start, this.buffer, this.to, this.piece.isUtf8)) return -1;
        this.to = json.to;
        return json.at;
      }
      default:
        return -1;
    }
  }

  #ended(end: number, shift: number): number {
    if (end >= 0) this.to = end + shift;
    return end;
  }

  #copied(start: number, end: number): number {
    if (end < 0) return end;
    const { view } = this.piece;
    const { target } = this;
    const shift = this.to - start;
    for (let at = start; at < end; at += WORD_BYTES)
      target.setInt32(at + shift, view.getInt32(at, true), true);
    this.to = end + shift;
    return end;
  }

  #timestamp(start: number, reader: number): number {
    const { bytes } = this.piece;
    const day = dateEnd(bytes, start);
    if (day < 0) return -1;
    if (bytes[day] !== SPACE && (bytes[day] !== LETTER_T || !this.#takesIso)) return -1;
    const end = clockEnd(bytes, day + 1);
    if (end < 0) return -1;
    this.#copied(start, day);
    this.buffer[this.to++] = SPACE;
    this.#copied(day + 1, end);
    if (bytes[end] !== LETTER_Z || !this.#takesIso) return end;
    if (reader === TIMESTAMPTZ) {
      this.buffer[this.to++] = PLUS;
      this.buffer[this.to++] = ZERO;
      this.buffer[this.to++] = ZERO;
    }
    return end + 1;
  }

  #boolean(start: number): number {
    const { bytes } = this.piece;
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
    this.buffer[this.to++] = first === SMALL_T || first === ONE ? SMALL_T : SMALL_F;
    return end;
  }

  /** A field in quotes that is not ordinary. @returns where it ends, or -1 if the record is not ordinary either */
  #judgeQuoted(column: number, start: number): number {
    const { bytes, limit } = this.piece;
    const quote = this.#quote;
    let doubled = false;
    let lines = 0;
    let end = start;
    for (; ; end++) {
      if (end >= limit) return -1;
      const byte = bytes[end];
      if (byte === NEWLINE) lines++;
      else if (byte === quote) {
        if (bytes[end + 1] !== quote) break;
        doubled = true;
        end++;
      }
    }
    const after = this.#afterBlanks(end + 1);
    if (!this.endsAt(after)) return -1;
    this.lines += lines;
    const text = bytes.toString('latin1', start, end);
    const field = doubled ? text.replaceAll(this.#copy.quote + this.#copy.quote, this.#copy.quote) : text;
    return this.#judge(column, field, after);
  }

  /** A field without quotes that is not ordinary. @returns where it ends, or -1 if the record is not ordinary either */
  #judgeBare(column: number, start: number): number {
    const { bytes } = this.piece;
    let end = start;
    while (!this.endsAt(end)) if (bytes[end++] === this.#quote) return -1;
    return this.#judge(column, bytes.toString('latin1', start, end), end);
  }

  /** A field's value by the rules. @returns `after`, or -1 if the field cannot be loaded */
  #judge(column: number, field: string, after: number): number {
    let value: string | null;
    try {
      value = loadField(field, this.#all[column]!, this.#copy);
    } catch (error) {
      if (error instanceof FieldError) return -1;
      throw error;
    }
    if (value === null) return this.#null(column) ? after : -1;
    this.#out.setLength(this.to);
    this.#out.string(value);
    this.to = this.#out.length;
    this.buffer = this.#out.buffer;
    this.target = this.#out.view;
    // A value may be longer than its field: a date, for example.
    this.reserve(after);
    return after;
  }
}
