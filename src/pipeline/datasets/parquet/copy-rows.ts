import { literal, quoted } from './duckdb-sql.ts';
import { NUMBER } from './reserved-columns.ts';

/** As DuckDB's own default: large enough to compress well, small enough to skip by statistics. */
const ROWS_PER_GROUP = 122_880;
/** The table of rows in their order, each with its number. What exceeds the engine's memory is on disk. */
export const STAGED = '_tributary_staged';

/** Numbers rows in their order, so that slices of them can be copied without sorting again. */
export const stageRows = (orderedRows: string): string =>
  `CREATE TEMP TABLE ${STAGED} AS SELECT *, row_number() OVER () AS ${NUMBER} FROM (${orderedRows})`;

/** Staged rows, from the first to the last number. */
export interface Slice {
  readonly first: number;
  readonly last: number;
}

/** Copies columns of a slice of staged rows, in their order, to a Parquet file that others can read. */
export const copySlice = (columns: readonly string[], { first, last }: Slice, path: string): string =>
  copyTo(`SELECT ${columns.join(', ')} FROM ${STAGED} WHERE ${NUMBER} BETWEEN ${first} AND ${last}`, path);

/** The answer is the number of rows. */
export const copyTo = (rows: string, path: string): string =>
  `COPY (${rows}) TO ${literal(path)} (FORMAT parquet, CODEC zstd, ROW_GROUP_SIZE ${ROWS_PER_GROUP})`;

/** Rows in the order of the columns: NULLs first, as among duplicates. */
export const orderBy = (columns: readonly string[]): string =>
  columns.length === 0
    ? ''
    : `ORDER BY ${columns.map((name) => `${quoted(name)} ASC NULLS FIRST`).join(', ')}`;
