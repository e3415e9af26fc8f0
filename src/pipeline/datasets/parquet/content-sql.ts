import { createHash } from 'node:crypto';
import { typeText } from '../records/column-type.ts';
import type { TableColumn } from './column-type.ts';
import { canonicalText, quoted } from './duckdb-sql.ts';

/** Identifies names, types and order of columns. */
export function columnsId(columns: readonly TableColumn[]): string {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, typeText(type)]));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A row as a JSON array in the order of its columns. */
export const canonicalRow = (columns: readonly TableColumn[]): string =>
  `'[' || ${columns.map(({ name, type }) => canonicalText(quoted(name), type)).join(" || ',' || ")} || ']'`;

/**
 * Number of rows and the sums of both halves of each row's MD5, as texts. Sums do not depend on the order of rows or
 * on how files split them, and unlike XOR they notice a row that is there twice.
 */
export const contentQuery = (columns: readonly TableColumn[], rows: string): string =>
  `SELECT count(*)::VARCHAR, coalesce(sum(md5_number_upper(t)), 0)::VARCHAR, ` +
  `coalesce(sum(md5_number_lower(t)), 0)::VARCHAR FROM (SELECT ${canonicalRow(columns)} AS t FROM ${rows})`;
