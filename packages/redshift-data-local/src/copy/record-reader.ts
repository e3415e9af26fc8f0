import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import type { CopyOutcome } from './copy-outcome.ts';
import type { CopyText } from './copy-text.ts';
import { CsvScanner } from './csv/csv-scanner.ts';
import { PlainRows } from './csv/plain-rows.ts';
import type { RecordScanner } from './record-scanner.ts';
import { RefusedRows } from './refused-rows.ts';
import { MAX_ROW_BYTES, rowTooLarge } from './row-limits.ts';
import { RowLoader } from './row-loader.ts';
import type { RowReader } from './row-reader.ts';
import type { TargetColumn } from './target-column.ts';
import { TextScanner } from './text/text-scanner.ts';

/**
 * Reads CSV files and files of delimited text. It skips header lines and blank lines, and counts rows and refused rows
 * in `outcome`.
 */
export class RecordReader implements RowReader {
  readonly #copy: CopyStatement;
  readonly #outcome: CopyOutcome;
  readonly #refused: RefusedRows;
  readonly #rows: RowLoader;
  readonly #plainRows: PlainRows | undefined;
  #scanner: RecordScanner;
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
    this.#refused = new RefusedRows(copy, of.outcome);
    this.#rows = new RowLoader(columns, copy);
    const isFast = copy.format === 'csv' && of.way !== 'slow';
    this.#plainRows = isFast ? new PlainRows(columns, copy, this.#rows.out) : undefined;
    this.#scanner = scannerOf(copy);
  }

  get out(): CopyText {
    return this.#rows.out;
  }

  begin(fileName: string): void {
    this.#scanner = scannerOf(this.#copy);
    this.#fileName = fileName;
    this.#records = 0;
  }

  feed(chunk: Buffer): void {
    this.#scanner.feed(chunk);
    this.#take();
    if (this.#scanner.heldBytes > MAX_ROW_BYTES) throw rowTooLarge(this.#fileName);
  }

  end(): void {
    this.#scanner.end();
    this.#take();
  }

  #take(): void {
    const scanner = this.#scanner;
    const copy = this.#copy;
    const outcome = this.#outcome;
    for (;;) {
      if (this.#records >= copy.ignoreHeaderLines && scanner instanceof CsvScanner) {
        const added = this.#plainRows?.add(scanner) ?? 0;
        outcome.loadedRows += added;
        this.#records += added;
      }
      if (!scanner.next()) return;
      if (++this.#records <= copy.ignoreHeaderLines) continue;
      if (copy.ignoreBlankLines && scanner.recordEnd === scanner.recordStart) continue;
      if (scanner.recordEnd - scanner.recordStart > MAX_ROW_BYTES) throw rowTooLarge(this.#fileName);
      const refused = this.#rows.add(scanner);
      if (refused === undefined) outcome.loadedRows++;
      else {
        const { lineNumber } = scanner;
        this.#refused.add(refused, { fileName: this.#fileName, lineNumber, raw: scanner.raw() });
      }
    }
  }
}

function scannerOf(copy: CopyStatement): RecordScanner {
  return copy.format === 'csv' ? new CsvScanner(copy) : new TextScanner(copy);
}
