import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { count } from '../text/measures.ts';
import { readCsvRow } from './csv-row.ts';

/** A row that COPY rejected, as Redshift reports it and as its part file has it. */
export interface LoadError {
  /** `s3://bucket/key`. */
  readonly file: string;
  /** The line in the file, from 1. */
  readonly line: number;
  /** Empty if the row as a whole is rejected. */
  readonly column: string;
  /** The column's type in the table, with its length. */
  readonly type: string;
  readonly reason: string;
  /** The rejected text; undefined if it is unknown or must not be shown. */
  readonly value: string | undefined;
  /** Its length in UTF-8 bytes, if it must not be shown. */
  readonly valueBytes?: number;
  /** The key of the row's item: values by column name. */
  readonly key: Readonly<Record<string, string>>;
}

/** The most rows to fetch. One COPY reports few, because MAXERROR is 0. */
const MAX_ROWS = 50;

const isUnder = (column: string, prefixes: readonly string[]) =>
  `(${prefixes.map((prefix) => `STRPOS(${column}, ${quoteLiteral(prefix)}) = 1`).join(' OR ')})`;

/**
 * Fetches the rejected rows of files under these prefixes, the newest COPY's first. Users see their own rows. Every kind
 * of Redshift has this view. https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html
 */
export const loadErrorsQuery = (prefixes: readonly string[]) =>
  'SELECT query_id AS "query", TRIM(file_name) AS "file", line_number AS "line", TRIM(column_name) AS "column", ' +
  'TRIM(column_type) AS "type", TRIM(column_length) AS "length", TRIM(error_message) AS "reason", ' +
  'DATEDIFF(second, start_time, GETDATE()) AS "age" FROM sys_load_error_detail ' +
  `WHERE ${isUnder('file_name', prefixes)} ORDER BY query_id DESC LIMIT ${MAX_ROWS}`;

/**
 * Fetches the rejected values, which only this table has, and only on provisioned clusters.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
 */
export const rawValuesQuery = (prefixes: readonly string[]) =>
  'SELECT query AS "query", TRIM(filename) AS "file", line_number AS "line", TRIM(colname) AS "column", ' +
  'TRIM(raw_field_value) AS "value" FROM stl_load_errors ' +
  `WHERE ${isUnder('filename', prefixes)} ORDER BY query DESC LIMIT ${MAX_ROWS}`;

const text = z
  .string()
  .nullable()
  .transform((value) => value ?? '');
const ErrorRow = z.object({
  query: Count,
  file: text,
  line: Count,
  column: text,
  type: text,
  length: text,
  reason: text,
  age: z.union([z.number(), z.string(), z.null()]).transform(Number),
});
const ValueRow = z.object({ query: Count, file: text, line: Count, column: text, value: text });

/** A rejected row whose value is not yet known. */
export type Refused = Omit<LoadError, 'value' | 'key'>;

/**
 * The rows that the newest COPY rejected.
 * @param maxAgeSeconds a COPY that started longer ago is not the one that just failed
 */
export function refusedRows(rows: readonly ResultRow[], maxAgeSeconds: number): Refused[] {
  const parsed = z.array(ErrorRow).parse(rows);
  const newest = parsed.reduce((max, { query }) => Math.max(max, query), 0);
  return parsed
    .filter(({ query, age }) => query === newest && age <= maxAgeSeconds)
    .map(({ file, line, column, type, length, reason }) => ({
      file,
      line,
      column,
      type: length === '' || length === '0' || type.includes('(') ? type : `${type}(${length})`,
      reason,
    }))
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
}

/** The values that Redshift kept of rejected rows, by `refusedId`. */
export function rawValues(rows: readonly ResultRow[]): Map<string, string> {
  const newestLast = z.array(ValueRow).parse(rows).toReversed();
  return new Map(newestLast.map((row) => [refusedId(row), row.value]));
}

export const refusedId = ({ file, line, column }: Pick<Refused, 'file' | 'line' | 'column'>) =>
  JSON.stringify([file, line, column]);

/**
 * Finds a rejected row's value, and the key of its item, in the part file.
 * @param part the file's text
 * @param columns the columns of the file's fields, in order
 * @param keyColumns the columns that hold the item's key
 */
export function lookUp(
  refused: Refused,
  part: string,
  columns: readonly string[],
  keyColumns: readonly string[],
): Pick<LoadError, 'value' | 'key'> {
  const fields = readCsvRow(part, refused.line);
  const fieldOf = (column: string) => {
    const at = columns.indexOf(column);
    return at < 0 ? undefined : fields?.[at];
  };
  const key = keyColumns.flatMap((column) => {
    const value = fieldOf(column);
    return value === undefined ? [] : [[column, value] as const];
  });
  return { value: fieldOf(refused.column), key: Object.fromEntries(key) };
}

/**
 * The same without anything from the data, for pipelines with `redactValues`. Redshift's reasons quote values, or name
 * them after a colon (`Unknown boolean format: 3`), so only the words before that are kept.
 */
export function withoutValues(error: LoadError): LoadError {
  const { value, reason } = error;
  const words = reason.replace(/^(?:error\s*:?\s*)?(?:\d{4}\s*:?\s+)?/i, '').split(/['"`:\d[{]/)[0] as string;
  return {
    ...error,
    reason: words.trim().replace(/[\s,(]+$/, '') || 'the reason contains a value',
    value: undefined,
    ...(value === undefined ? {} : { valueBytes: Buffer.byteLength(value, 'utf8') }),
    key: {},
  };
}

const MAX_SHOWN = 120;

/** For operators: `line 12 of s3://…, column name (varchar(4)), value 'Marie', item pk='a': reason`. */
export function loadErrorText({
  file,
  line,
  column,
  type,
  reason,
  value,
  valueBytes,
  key,
}: LoadError): string {
  const columnText = column === '' ? '' : `, column ${column} (${type})`;
  const valueText =
    value !== undefined
      ? `, value ${shown(value)}`
      : valueBytes === undefined
        ? ''
        : `, a value of ${count(valueBytes)} bytes`;
  const keyTexts = Object.entries(key).map(([name, part]) => `${name}=${shown(part)}`);
  const itemText = keyTexts.length === 0 ? '' : `, item ${keyTexts.join(', ')}`;
  return `line ${count(line)} of ${file}${columnText}${valueText}${itemText}: ${reason}`;
}

const shown = (value: string) =>
  value.length > MAX_SHOWN
    ? `'${value.slice(0, MAX_SHOWN)}…' (${count(value.length)} characters)`
    : `'${value}'`;
