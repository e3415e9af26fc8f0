import type { CopyStatement } from '../sql/copy-statement.ts';
import { CopyFailure } from './copy-failure.ts';
import { type CsvScanner, MAX_ROW_BYTES } from './csv-scanner.ts';
import type { PlainRows } from './plain-rows.ts';
import type { RefusedRow, RowLoader } from './row-loader.ts';

/** One refused row, as stl_load_errors shows it. */
interface RowError {
  fileName: string;
  lineNumber: number;
  columnName: string;
  columnType: string;
  columnLength: string;
  position: number;
  rawLine: string;
  rawFieldValue: string;
  code: number;
  message: string;
}

export interface CopyOutcome {
  loadedRows: number;
  loadedBytes: number;
  sourceFiles: number;
  sourceFileBytes: number;
  errorCount: number;
  /** The first refused row. */
  errors: RowError[];
}

/** IGNOREALLERRORS may refuse any number of rows; this many are reported one by one. */
const MAX_TOLD_ERRORS = 10_000;

export function rowTooLarge(fileName: string): CopyFailure {
  return new CopyFailure(`A row of ${fileName} is larger than the maximum of 4 MB`, { code: 8001 });
}

/**
 * Receives the complete records of one file: skips header lines and blank lines, and counts refused rows.
 * @param of without `plainRows`, every record goes the slow way, with the same result
 */
export function recordReader(of: {
  scanner: CsvScanner;
  plainRows?: PlainRows;
  rows: RowLoader;
  copy: CopyStatement;
  fileName: string;
  outcome: CopyOutcome;
}): () => void {
  const { scanner, plainRows, rows, copy, fileName, outcome } = of;
  let recordNumber = 0;
  return () => {
    for (;;) {
      if (plainRows !== undefined && recordNumber >= copy.ignoreHeaderLines) {
        const added = plainRows.add(scanner);
        outcome.loadedRows += added;
        recordNumber += added;
      }
      if (!scanner.next()) return;
      if (++recordNumber <= copy.ignoreHeaderLines) continue;
      if (copy.ignoreBlankLines && scanner.recordEnd === scanner.recordStart) continue;
      if (scanner.recordEnd - scanner.recordStart > MAX_ROW_BYTES) throw rowTooLarge(fileName);
      const refused = rows.add(scanner);
      if (refused === undefined) {
        outcome.loadedRows++;
        continue;
      }
      outcome.errorCount++;
      if (outcome.errors.length < MAX_TOLD_ERRORS) outcome.errors.push(rowError(refused, scanner, fileName));
      if (!copy.ignoreAllErrors && outcome.errorCount >= Math.max(1, copy.maxErrors)) {
        throw new CopyFailure(
          `Load into table '${copy.target.name}' failed.  Check 'sys_load_error_detail' system table for details.`,
          { code: 8001 },
        );
      }
    }
  };
}

/** AWS, "STL_LOAD_ERRORS": raw_line and raw_field_value hold 1,024 bytes. */
const MAX_RAW_BYTES = 1_024;

function rowError(refused: RefusedRow, scanner: CsvScanner, fileName: string): RowError {
  const shown = (bytes: string) =>
    Buffer.from(bytes.slice(0, MAX_RAW_BYTES), 'latin1').toString('utf8').replaceAll('\0', '\ufffd');
  const display = refused.column?.display ?? '';
  return {
    fileName,
    lineNumber: scanner.lineNumber,
    columnName: refused.column?.name ?? '',
    columnType: display.replace(/\(.*\)/, ''),
    columnLength: /\((.*)\)/.exec(display)?.[1] ?? '',
    position: refused.position,
    rawLine: shown(scanner.raw()),
    rawFieldValue: shown(refused.field),
    code: refused.code,
    message: refused.message,
  };
}
