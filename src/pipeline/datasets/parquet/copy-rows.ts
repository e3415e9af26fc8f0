import { literal, quoted } from './duckdb-sql.ts';
import { NUMBER } from './reserved-columns.ts';

/** As DuckDB's own default: large enough to compress well, small enough to skip by statistics. */
const ROWS_PER_GROUP = 122_880;
/** Of staged rows: small, so that a slice reads little that is not its own. */
const STAGED_ROWS_PER_GROUP = 20_480;

/** Numbers rows in their order into a file of our own, so that slices of it can be copied without sorting again. */
export const stageRows = (orderedRows: string, path: string): string =>
  `COPY (SELECT *, row_number() OVER () AS ${NUMBER} FROM (${orderedRows})) TO ${literal(path)} ` +
  `(FORMAT parquet, CODEC lz4_raw, ROW_GROUP_SIZE ${STAGED_ROWS_PER_GROUP})`;

/** Staged rows, from the first to the last number. */
export interface Slice {
  readonly first: number;
  readonly last: number;
}

/** Copies columns of a slice of staged rows, in their order, to a Parquet file that others can read. */
export function copySlice(staged: string, columns: readonly string[], slice: Slice, path: string): string {
  const rows =
    `SELECT ${columns.join(', ')} FROM read_parquet(${literal(staged)}) ` +
    `WHERE ${NUMBER} BETWEEN ${slice.first} AND ${slice.last}`;
  return `COPY (${rows}) TO ${literal(path)} (FORMAT parquet, CODEC zstd, ROW_GROUP_SIZE ${ROWS_PER_GROUP})`;
}

/** Rows in the order of the columns: NULLs first, as among duplicates. */
export const orderBy = (columns: readonly string[]): string =>
  columns.length === 0
    ? ''
    : `ORDER BY ${columns.map((name) => `${quoted(name)} ASC NULLS FIRST`).join(', ')}`;
