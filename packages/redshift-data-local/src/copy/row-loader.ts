import type { CopyStatement } from '../sql/copy-statement.ts';
import { CopyText } from './copy-text.ts';
import type { CsvScanner } from './csv-scanner.ts';
import { FieldError } from './field-error.ts';
import { loadField } from './field-rules.ts';
import { type PlainField, plainField } from './plain-field.ts';
import type { TargetColumn } from './target-column.ts';

/** A row that cannot be loaded: which field, and why. */
export interface RefusedRow {
  code: number;
  message: string;
  column: TargetColumn | undefined;
  /** The field's value, latin1. */
  field: string;
  /** Where in the field, from 0. */
  position: number;
}

/** Turns records into rows of PostgreSQL's COPY text, field by field. */
export class RowLoader {
  readonly out = new CopyText();
  readonly #columns: TargetColumn[];
  readonly #copy: CopyStatement;
  readonly #plain: PlainField[];
  readonly #nullAs: Buffer;

  constructor(columns: TargetColumn[], copy: CopyStatement) {
    this.#columns = columns;
    this.#copy = copy;
    this.#nullAs = Buffer.from(copy.nullAs, 'latin1');
    const quote = copy.quote.charCodeAt(0);
    const ordinary =
      !copy.blanksAsNull &&
      !copy.trimBlanks &&
      copy.replaceInvalid === undefined &&
      !copy.nullAs.includes(copy.quote);
    this.#plain = columns.map((column) => {
      const isText = column.kind === 'varchar' || column.kind === 'char';
      const isTime = column.kind === 'timestamp' || column.kind === 'timestamptz';
      const formatted = copy.timeFormat !== 'default' && copy.timeFormat !== 'auto';
      if ((isText && !ordinary) || (isTime && formatted)) return () => false;
      return plainField(column, quote);
    });
  }

  /** Adds the record's row to `out`, or returns why it cannot be loaded and adds nothing. */
  add(scanner: CsvScanner): RefusedRow | undefined {
    const out = this.out;
    const columns = this.#columns;
    const copy = this.#copy;
    const refused = (code: number, message: string, column?: TargetColumn): RefusedRow => ({
      code,
      message,
      column,
      field: '',
      position: 0,
    });
    if (scanner.malformed) return refused(1216, 'Invalid quote formatting for CSV');
    const { fieldCount } = scanner;
    if (fieldCount > columns.length) return refused(1202, 'Extra column(s) found');
    if (fieldCount < columns.length && !copy.fillRecord) {
      if (scanner.recordEnd === scanner.recordStart) return refused(1211, 'Input line contained no data');
      return refused(
        1203,
        'Delimiter not found: the line has fewer columns than the table',
        columns[fieldCount],
      );
    }
    const before = out.length;
    out.reserve((scanner.recordEnd - scanner.recordStart) * 2 + columns.length * 4);
    const { bytes, starts, ends, doubled } = scanner;
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) out.byte(0x09);
      const column = columns[i]!;
      if (i < fieldCount) {
        const start = starts[i]!;
        const end = ends[i]!;
        if (
          (start !== end || (!copy.emptyAsNull && (column.kind === 'varchar' || column.kind === 'char'))) &&
          !this.#isNull(bytes, start, end) &&
          this.#plain[i]!(out, bytes, start, end, doubled[i]!)
        ) {
          continue;
        }
      }
      const field = i < fieldCount ? scanner.field(i) : '';
      try {
        const value = i < fieldCount ? loadField(field, column, copy) : this.#missing(column);
        if (value === null && column.notNull) throw new FieldError(1213, 'Missing data for not-null field');
        if (value === null) out.null();
        else {
          // A rewritten value, such as a date, may be longer than the field; reserve room for the rest again.
          out.string(value);
          out.reserve((scanner.recordEnd - (ends[i] ?? scanner.recordEnd)) * 2 + columns.length * 4);
        }
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        out.cutTo(before);
        return { code: error.code, message: error.message, column, field, position: error.position };
      }
    }
    out.byte(0x0a);
    return undefined;
  }

  #isNull(bytes: Buffer, start: number, end: number): boolean {
    const nullAs = this.#nullAs;
    if (end - start !== nullAs.length) return false;
    for (let i = 0; i < nullAs.length; i++) if (bytes[start + i] !== nullAs[i]) return false;
    return true;
  }

  /** FILLRECORD: a missing VARCHAR is empty unless EMPTYASNULL, everything else NULL. */
  #missing(column: TargetColumn): string | null {
    return column.kind === 'varchar' && !this.#copy.emptyAsNull ? '' : null;
  }
}
