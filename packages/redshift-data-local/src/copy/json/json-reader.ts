import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import type { CopyOutcome } from '../copy-outcome.ts';
import { CopyText } from '../copy-text.ts';
import { type RefusedRow, RefusedRows } from '../refused-rows.ts';
import { MAX_ROW_BYTES, rowTooLarge } from '../row-limits.ts';
import type { RowReader } from '../row-reader.ts';
import { refusedRow, writeRow } from '../row-writer.ts';
import type { TargetColumn } from '../target-column.ts';
import { FieldError } from '../values/field-error.ts';
import { loadJson } from './json-field.ts';
import type { JsonColumns } from './json-mapping.ts';
import { JsonScanner } from './json-scanner.ts';

/** No AWS page gives a limit. Deeper structures would exhaust the stack of PostgreSQL's own parser. */
const MAX_DEPTH = 1_000;

/** Reads JSON files: each object or array of the root level is a row. */
export class JsonReader implements RowReader {
  readonly out = new CopyText();
  readonly #columns: TargetColumn[];
  readonly #copy: CopyStatement;
  readonly #outcome: CopyOutcome;
  readonly #mapping: JsonColumns;
  readonly #refused: RefusedRows;
  #scanner: JsonScanner;
  #fileName = '';

  constructor(of: {
    columns: TargetColumn[];
    copy: CopyStatement;
    outcome: CopyOutcome;
    mapping: JsonColumns;
  }) {
    this.#columns = of.columns;
    this.#copy = of.copy;
    this.#outcome = of.outcome;
    this.#mapping = of.mapping;
    this.#refused = new RefusedRows(of.copy, of.outcome);
    this.#scanner = new JsonScanner(of.copy.ignoreHeaderLines);
  }

  begin(fileName: string): void {
    this.#scanner = new JsonScanner(this.#copy.ignoreHeaderLines);
    this.#fileName = fileName;
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
    while (scanner.next()) {
      const text = scanner.text();
      if (text.length > MAX_ROW_BYTES) throw rowTooLarge(this.#fileName);
      const refused = this.#add(text);
      if (refused === undefined) this.#outcome.loadedRows++;
      else {
        const { lineNumber } = scanner;
        this.#refused.add(refused, { fileName: this.#fileName, lineNumber, raw: text });
      }
    }
  }

  #add(text: string): RefusedRow | undefined {
    const { found, depth } = this.#scanner;
    if (found === 'stray')
      return refusedRow(
        1216,
        'Invalid JSON: characters other than white space outside of any object or array',
      );
    if (found === 'open') return refusedRow(1216, 'Invalid JSON: the file ends before the closing bracket');
    if (depth > MAX_DEPTH) return refusedRow(1216, `Invalid JSON: nested deeper than ${MAX_DEPTH} levels`);
    try {
      JSON.parse(text);
    } catch (error) {
      const position = Number(/at position (\d+)/.exec((error as Error).message)?.[1] ?? 0);
      return { ...refusedRow(1216, `Invalid JSON: syntax error at position ${position}`), position };
    }
    const mapping = this.#mapping;
    try {
      mapping.begin(text);
    } catch (error) {
      if (error instanceof FieldError) return refusedRow(error.code, error.message);
      throw error;
    }
    return writeRow(
      this.out,
      this.#columns,
      (column, index) => {
        const value = mapping.value(index);
        return value === undefined ? null : loadJson(value, column, this.#copy);
      },
      (index) => shownValue(mapping, index),
    );
  }
}

function shownValue(mapping: JsonColumns, index: number): string {
  try {
    return mapping.value(index)?.text ?? '';
  } catch {
    // The path itself was the error.
    return '';
  }
}
