import type { CopyStatement } from '../sql/copy-statement.ts';
import { NEWLINE, TAB } from './byte.ts';
import { CopyText } from './copy-text.ts';
import type { CsvScanner } from './csv/csv-scanner.ts';
import type { TargetColumn } from './target-column.ts';
import { FieldError } from './values/field-error.ts';
import { loadField } from './values/field-rules.ts';

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

/** Turns records of every kind into rows of PostgreSQL's COPY text, field by field. */
export class RowLoader {
  readonly out = new CopyText();
  readonly #columns: TargetColumn[];
  readonly #copy: CopyStatement;

  constructor(columns: TargetColumn[], copy: CopyStatement) {
    this.#columns = columns;
    this.#copy = copy;
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
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) out.byte(TAB);
      const column = columns[i]!;
      const field = i < fieldCount ? scanner.field(i) : '';
      try {
        const value = i < fieldCount ? loadField(field, column, copy) : this.#missing(column);
        if (value === null && column.notNull) throw new FieldError(1213, 'Missing data for not-null field');
        if (value === null) out.null();
        else out.string(value);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        out.setLength(before);
        return { code: error.code, message: error.message, column, field, position: error.position };
      }
    }
    out.byte(NEWLINE);
    return undefined;
  }

  /** FILLRECORD: a missing VARCHAR is empty unless EMPTYASNULL, everything else NULL. */
  #missing(column: TargetColumn): string | null {
    return column.kind === 'varchar' && !this.#copy.emptyAsNull ? '' : null;
  }
}
