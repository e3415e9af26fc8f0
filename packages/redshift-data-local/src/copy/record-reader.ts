import type { CopyStatement } from '../sql/copy-statement.ts';
import { CopyFailure } from './copy-failure.ts';
import type { CopyOutcome, RowError } from './copy-outcome.ts';
import type { CopyText } from './copy-text.ts';
import { CsvScanner, MAX_ROW_BYTES } from './csv/csv-scanner.ts';
import { PlainRows } from './csv/plain-rows.ts';
import { type RefusedRow, RowLoader } from './row-loader.ts';
import type { TargetColumn } from './target-column.ts';

/** IGNOREALLERRORS may refuse any number of rows; this many are reported one by one. */
const MAX_TOLD_ERRORS = 10_000;

/**
 * Reads the files of a COPY, one after another, into rows of PostgreSQL's COPY text. It skips header lines and blank
 * lines, and counts rows and refused rows in `outcome`.
 */
export class RecordReader {
  readonly #copy: CopyStatement;
  readonly #outcome: CopyOutcome;
  readonly #rows: RowLoader;
  readonly #plainRows: PlainRows | undefined;
  #scanner: CsvScanner;
  #fileName = '';
  /** Of the file, header lines included. */
  #records = 0;

  /** @param of `way`: with `slow`, every record is read field by field, with the same result */
  constructor(of: {
    columns: TargetColumn[];
    copy: CopyStatement;
    outcome: CopyOutcome;
    way?: 'fast' | 'slow';
  }) {
    const { columns, copy } = of;
    this.#copy = copy;
    this.#outcome = of.outcome;
    this.#rows = new RowLoader(columns, copy);
    this.#plainRows = of.way === 'slow' ? undefined : new PlainRows(columns, copy, this.#rows.out);
    this.#scanner = new CsvScanner(copy);
  }

  /** Where the rows are written. */
  get out(): CopyText {
    return this.#rows.out;
  }

  /** Begins with the next file. */
  begin(fileName: string): void {
    this.#scanner = new CsvScanner(this.#copy);
    this.#fileName = fileName;
    this.#records = 0;
  }

  /** Reads the records that end in these bytes of the file. @throws CopyFailure if too many were refused */
  feed(chunk: Buffer): void {
    this.#scanner.feed(chunk);
    this.#take();
    if (this.#scanner.heldBytes > MAX_ROW_BYTES) throw rowTooLarge(this.#fileName);
  }

  /** Reads a last record without a line end. @throws CopyFailure as `feed` does */
  end(): void {
    this.#scanner.end();
    this.#take();
  }

  #take(): void {
    const scanner = this.#scanner;
    const copy = this.#copy;
    const outcome = this.#outcome;
    for (;;) {
      if (this.#plainRows !== undefined && this.#records >= copy.ignoreHeaderLines) {
        const added = this.#plainRows.add(scanner);
        outcome.loadedRows += added;
        this.#records += added;
      }
      if (!scanner.next()) return;
      if (++this.#records <= copy.ignoreHeaderLines) continue;
      if (copy.ignoreBlankLines && scanner.recordEnd === scanner.recordStart) continue;
      if (scanner.recordEnd - scanner.recordStart > MAX_ROW_BYTES) throw rowTooLarge(this.#fileName);
      const refused = this.#rows.add(scanner);
      if (refused === undefined) outcome.loadedRows++;
      else this.#refuse(refused);
    }
  }

  #refuse(refused: RefusedRow): void {
    const copy = this.#copy;
    const outcome = this.#outcome;
    outcome.errorCount++;
    if (outcome.errors.length < MAX_TOLD_ERRORS)
      outcome.errors.push(rowError(refused, this.#scanner, this.#fileName));
    if (copy.ignoreAllErrors || outcome.errorCount < Math.max(1, copy.maxErrors)) return;
    throw new CopyFailure(
      `Load into table '${copy.target.name}' failed.  Check 'sys_load_error_detail' system table for details.`,
      { code: 8001 },
    );
  }
}

function rowTooLarge(fileName: string): CopyFailure {
  return new CopyFailure(`A row of ${fileName} is larger than the maximum of 4 MB`, { code: 8001 });
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
