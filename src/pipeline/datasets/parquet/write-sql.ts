import type { TableColumn } from './column-type.ts';
import { ROWS_PER_BATCH_GROUP } from './copy-rows.ts';
import { carriedType, literal, quoted, storedFromCarried } from './duckdb-sql.ts';
import { INPUT } from './reserved-columns.ts';
import { LONGEST_LINE_BYTES } from './row-line.ts';

/**
 * A file of row lines, with their types stated, to the Parquet file of a batch. Only merges read it: rows are not sorted, and
 * compressed for speed. The answer is the number of rows.
 * @param leftOut inputs whose rows are not copied
 */
export function copyRowLines(
  columns: readonly TableColumn[],
  { rowFile, leftOut, path }: { rowFile: string; leftOut: readonly number[]; path: string },
): string {
  const carried = columns.map(({ type }, index) => `c${index}: ${literal(carriedType(type))}`);
  const stored = columns.map(
    ({ name, type }, index) => `${storedFromCarried(`c${index}`, type)} AS ${quoted(name)}`,
  );
  const rows =
    `SELECT ${[...stored, `i AS ${INPUT}`].join(', ')} FROM read_json(${literal(rowFile)}, ` +
    `format = 'newline_delimited', maximum_object_size = ${LONGEST_LINE_BYTES}, ` +
    `columns = {${["i: 'INTEGER'", ...carried].join(', ')}})`;
  const some = leftOut.length === 0 ? rows : `${rows} WHERE i NOT IN (${leftOut.join(', ')})`;
  return `COPY (${some}) TO ${literal(path)} (FORMAT parquet, CODEC zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${ROWS_PER_BATCH_GROUP})`;
}
