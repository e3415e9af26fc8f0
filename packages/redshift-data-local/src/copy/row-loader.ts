import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import { CopyText } from './copy-text.ts';
import type { RecordScanner } from './record-scanner.ts';
import type { RefusedRow } from './refused-rows.ts';
import { refusedRow, writeRow } from './row-writer.ts';
import type { TargetColumn } from './target-column.ts';
import { loadField } from './values/field-rules.ts';

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
  add(scanner: RecordScanner): RefusedRow | undefined {
    const columns = this.#columns;
    const copy = this.#copy;
    if (scanner.problem !== undefined) return refusedRow(1216, scanner.problem);
    const { fieldCount } = scanner;
    if (fieldCount > columns.length + (scanner.endsWithDelimiter ? 1 : 0))
      return refusedRow(1202, 'Extra column(s) found');
    if (fieldCount < columns.length && !copy.fillRecord) {
      if (scanner.recordEnd === scanner.recordStart) return refusedRow(1211, 'Input line contained no data');
      return refusedRow(
        1203,
        'Delimiter not found: the line has fewer columns than the table',
        columns[fieldCount],
      );
    }
    return writeRow(
      this.out,
      columns,
      (column, index) => {
        if (index >= fieldCount) return this.#missing(column);
        const field = scanner.field(index);
        return field === null ? null : loadField(field, column, copy);
      },
      (index) => (index < fieldCount ? (scanner.field(index) ?? '') : ''),
    );
  }

  /** FILLRECORD: a missing VARCHAR is empty unless EMPTYASNULL, everything else NULL. */
  #missing(column: TargetColumn): string | null {
    return column.kind === 'varchar' && !this.#copy.emptyAsNull ? '' : null;
  }
}
