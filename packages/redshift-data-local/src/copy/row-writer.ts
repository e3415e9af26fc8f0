import { NEWLINE, TAB } from './byte.ts';
import type { CopyText } from './copy-text.ts';
import type { RefusedRow } from './refused-rows.ts';
import type { TargetColumn } from './target-column.ts';
import { FieldError } from './values/field-error.ts';

/** Why a row as a whole cannot be loaded. */
export function refusedRow(code: number, message: string, column?: TargetColumn): RefusedRow {
  return { code, message, column, field: '', position: 0 };
}

/**
 * Writes one row of PostgreSQL's COPY text to `out`, or returns why it cannot be loaded and writes nothing.
 * @param read a column's value as PostgreSQL reads it (latin1), or null for NULL; throws FieldError
 * @param field a column's value as it is in the file, for the report of an error
 */
export function writeRow(
  out: CopyText,
  columns: TargetColumn[],
  read: (column: TargetColumn, index: number) => string | null,
  field: (index: number) => string,
): RefusedRow | undefined {
  const before = out.length;
  for (let i = 0; i < columns.length; i++) {
    if (i > 0) out.byte(TAB);
    const column = columns[i]!;
    try {
      const value = read(column, i);
      if (value === null && column.notNull) throw new FieldError(1213, 'Missing data for not-null field');
      if (value === null) out.null();
      else out.string(value);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      out.setLength(before);
      return { code: error.code, message: error.message, column, field: field(i), position: error.position };
    }
  }
  out.byte(NEWLINE);
  return undefined;
}
