import { literal, quoted } from './duckdb-sql.ts';
import { NUMBER } from './reserved-columns.ts';

/** DuckDB's own default: large enough to compress well, small enough to skip by statistics. */
const ROWS_PER_GROUP = 122_880;
/** Of files that only merges read. A reader holds a group's column as a whole, in memory that cannot go to disk, for each of its threads. */
export const ROWS_PER_BATCH_GROUP = 20_480;
/** Compressed. In memory, its columns are several times as large. */
const MOST_GROUP_BYTES = 4 * 1024 * 1024;
/** DuckDB's groups are multiples of its vectors. */
const VECTOR_ROWS = 2048;

/** How many rows a group of a data file has. @param bytesPerRow compressed */
export const rowsPerGroup = (bytesPerRow: number): number =>
  Math.min(
    ROWS_PER_GROUP,
    Math.max(1, Math.floor(MOST_GROUP_BYTES / bytesPerRow / VECTOR_ROWS)) * VECTOR_ROWS,
  );
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
export const copySlice = (
  columns: readonly string[],
  { first, last }: Slice,
  path: string,
  groupRows?: number,
): string =>
  copyTo(
    `SELECT ${columns.join(', ')} FROM ${STAGED} WHERE ${NUMBER} BETWEEN ${first} AND ${last}`,
    path,
    groupRows,
  );

/** The answer is the number of rows. */
export const copyTo = (rows: string, path: string, groupRows = ROWS_PER_GROUP): string =>
  `COPY (${rows}) TO ${literal(path)} (FORMAT parquet, CODEC zstd, ROW_GROUP_SIZE ${groupRows})`;

/** Rows in the order of the columns: NULLs first, as among duplicates. */
export const orderBy = (columns: readonly string[]): string =>
  columns.length === 0
    ? ''
    : `ORDER BY ${columns.map((name) => `${quoted(name)} ASC NULLS FIRST`).join(', ')}`;
