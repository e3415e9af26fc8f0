import type { TableColumn } from './column-type.ts';
import { orderBy, stageRows } from './copy-rows.ts';
import { carriedType, literal, quoted, storedFromCarried, textList } from './duckdb-sql.ts';
import { INPUT, NUMBER, PARTITION } from './reserved-columns.ts';
import { LONGEST_LINE_BYTES } from './row-line.ts';

/** Reads files of row lines with their types stated, sorts them by partition and columns, and numbers them. */
export function stageRowLines(request: {
  columns: readonly TableColumn[];
  sort: readonly string[];
  rowFiles: readonly string[];
  staged: string;
}): string {
  const { columns, sort, rowFiles, staged } = request;
  const carried = columns.map(({ type }, index) => `c${index}: ${literal(carriedType(type))}`);
  const stored = columns.map(
    ({ name, type }, index) => `${storedFromCarried(`c${index}`, type)} AS ${quoted(name)}`,
  );
  const rows =
    `SELECT ${[...stored, `p AS ${PARTITION}`, `i AS ${INPUT}`].join(', ')} FROM read_json(${textList(rowFiles)}, ` +
    `format = 'newline_delimited', maximum_object_size = ${LONGEST_LINE_BYTES}, ` +
    `columns = {${["i: 'INTEGER'", "p: 'VARCHAR'", ...carried].join(', ')}})`;
  return stageRows(`${rows} ${orderBy([PARTITION, ...sort])}`, staged);
}

/** The slice of each partition: its text, first and last number. */
export const partitionSlices = (staged: string): string =>
  `SELECT ${PARTITION}, min(${NUMBER})::VARCHAR, max(${NUMBER})::VARCHAR FROM read_parquet(${literal(staged)}) ` +
  `GROUP BY 1 ORDER BY 2`;

export const batchColumns = (columns: readonly TableColumn[]): string[] => [
  ...columns.map(({ name }) => quoted(name)),
  INPUT,
];
