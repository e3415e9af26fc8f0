import { createHash } from 'node:crypto';
import { type ColumnType, typeText } from '../records/column-type.ts';
import type { TableColumn } from './column-type.ts';
import { canonicalText, quoted } from './duckdb-sql.ts';

/** Identifies names, types and order of columns. */
export function columnsId(columns: readonly TableColumn[]): string {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, typeText(type)]));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * A row as text, different for different rows: values in the order of the columns, between commas. A text has its length before it,
 * which costs much less than JSON; all else is canonical JSON.
 */
export const canonicalRow = (columns: readonly TableColumn[]): string =>
  `concat(${columns.map(({ name, type }) => valueText(quoted(name), type)).join(", ',', ")})`;

/** `concat` leaves out NULL: of a text, the colon remains. */
const valueText = (value: string, type: ColumnType): string =>
  type.kind === 'string' ? `strlen(${value}), ':', ${value}` : canonicalText(value, type);

/**
 * Number of rows and the sums of both halves of each row's MD5, as texts. Sums do not depend on the order of rows or
 * on how files split them, and unlike XOR they notice a row that is there twice.
 */
export const contentQuery = (columns: readonly TableColumn[], rows: string): string =>
  `SELECT count(*)::VARCHAR, coalesce(sum(md5_number_upper(t)), 0)::VARCHAR, ` +
  `coalesce(sum(md5_number_lower(t)), 0)::VARCHAR FROM (SELECT ${canonicalRow(columns)} AS t FROM ${rows})`;
