import { quoteIdentifier } from '../../sql/identifier.ts';
import type { TableColumn } from '../parquet/column-type.ts';

/** As many hexadecimal digits as a BIGINT holds without a sign. */
const HASH_DIGITS = 15;

/**
 * What the rows of a partition are: a sum of hashes, one per row, in which the order does not matter. It is compared with itself
 * only, to notice rows that another process changed. Its number of digits stays below 64.
 */
export function contentSql(columns: readonly TableColumn[]): string {
  const hashes = columns.map((column) => `COALESCE(MD5(${textOf(column)}), 'null')`);
  return `COALESCE(SUM(STRTOL(LEFT(MD5(${hashes.join(' || ')}), ${HASH_DIGITS}), 16)), 0)::VARCHAR(64)`;
}

function textOf({ name, type }: TableColumn): string {
  const column = quoteIdentifier(name);
  switch (type.kind) {
    case 'string':
      return column;
    case 'boolean':
      return `CASE WHEN ${column} THEN 't' WHEN NOT ${column} THEN 'f' END`;
    case 'timestamp':
      return `(${column} AT TIME ZONE 'UTC')::VARCHAR(32)`;
    case 'bigint':
    case 'double':
    case 'decimal':
    case 'date':
    case 'binary':
    case 'list':
    case 'struct':
      return `${column}::VARCHAR(64)`;
  }
}
