/** One refused row, as stl_load_errors shows it. */
export interface RowError {
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

/** What a COPY has read so far. */
export interface CopyOutcome {
  loadedRows: number;
  loadedBytes: number;
  sourceFiles: number;
  sourceFileBytes: number;
  errorCount: number;
  /** The first refused rows. */
  errors: RowError[];
}

export function nothingRead(): CopyOutcome {
  return { loadedRows: 0, loadedBytes: 0, sourceFiles: 0, sourceFileBytes: 0, errorCount: 0, errors: [] };
}
