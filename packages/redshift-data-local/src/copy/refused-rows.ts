import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import { CopyFailure } from './copy-failure.ts';
import type { CopyOutcome, RowError } from './copy-outcome.ts';
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

/** Where a row is: its file, line and text (latin1). */
export interface RowPlace {
  fileName: string;
  lineNumber: number;
  raw: string;
}

/** IGNOREALLERRORS may refuse any number of rows; this many are reported one by one. */
const MAX_TOLD_ERRORS = 10_000;

/** Counts the rows that a COPY refuses, and fails the COPY when there are too many. */
export class RefusedRows {
  readonly #copy: CopyStatement;
  readonly #outcome: CopyOutcome;

  constructor(copy: CopyStatement, outcome: CopyOutcome) {
    this.#copy = copy;
    this.#outcome = outcome;
  }

  /** @throws CopyFailure if MAXERROR is reached */
  add(refused: RefusedRow, place: RowPlace): void {
    const copy = this.#copy;
    const outcome = this.#outcome;
    outcome.errorCount++;
    if (outcome.errors.length < MAX_TOLD_ERRORS) outcome.errors.push(rowError(refused, place));
    if (copy.ignoreAllErrors || outcome.errorCount < Math.max(1, copy.maxErrors)) return;
    throw new CopyFailure(
      `Load into table '${copy.target.name}' failed.  Check 'sys_load_error_detail' system table for details.`,
      { code: 8001 },
    );
  }
}

/** AWS, "STL_LOAD_ERRORS": raw_line and raw_field_value hold 1,024 bytes. */
const MAX_RAW_BYTES = 1_024;

function rowError(refused: RefusedRow, { fileName, lineNumber, raw }: RowPlace): RowError {
  const shown = (bytes: string) =>
    Buffer.from(bytes.slice(0, MAX_RAW_BYTES), 'latin1').toString('utf8').replaceAll('\0', '\ufffd');
  const display = refused.column?.display ?? '';
  return {
    fileName,
    lineNumber,
    columnName: refused.column?.name ?? '',
    columnType: display.replace(/\(.*\)/, ''),
    columnLength: /\((.*)\)/.exec(display)?.[1] ?? '',
    position: refused.position,
    rawLine: shown(raw),
    rawFieldValue: shown(refused.field),
    code: refused.code,
    message: refused.message,
  };
}
