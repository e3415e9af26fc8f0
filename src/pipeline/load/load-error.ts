import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { readCsvRow } from './csv-row.ts';

/** A row that COPY refused, as Redshift noted it and as its part file has it. */
export interface LoadError {
  /** `s3://bucket/key`. */
  readonly file: string;
  /** Of the file, from 1. */
  readonly line: number;
  /** Empty where the row as a whole is refused. */
  readonly column: string;
  /** The column's type in the table, with its length. */
  readonly type: string;
  readonly reason: string;
  /** The text that did not fit; undefined where nobody could tell it. */
  readonly value: string | undefined;
  /** The key of the item it comes from: column → value. */
  readonly key: Readonly<Record<string, string>>;
}

/** Most rows asked for; of one COPY, MAXERROR 0 leaves few. */
const ASKED = 50;

const under = (column: string, prefixes: readonly string[]) =>
  `(${prefixes.map((prefix) => `STRPOS(${column}, ${quoteLiteral(prefix)}) = 1`).join(' OR ')})`;

/**
 * Rows refused of the files under some prefixes, the newest COPY's first. Users see their own; the view is on every kind of
 * Redshift. https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html
 */
export const loadErrorsQuery = (prefixes: readonly string[]) =>
  'SELECT query_id AS "query", TRIM(file_name) AS "file", line_number AS "line", TRIM(column_name) AS "column", ' +
  'TRIM(column_type) AS "type", TRIM(column_length) AS "length", TRIM(error_message) AS "reason", ' +
  'DATEDIFF(second, start_time, GETDATE()) AS "age" FROM sys_load_error_detail ' +
  `WHERE ${under('file_name', prefixes)} ORDER BY query_id DESC LIMIT ${ASKED}`;

/**
 * The values that were refused: only here, and only on provisioned clusters.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
 */
export const rawValuesQuery = (prefixes: readonly string[]) =>
  'SELECT query AS "query", TRIM(filename) AS "file", line_number AS "line", TRIM(colname) AS "column", ' +
  'TRIM(raw_field_value) AS "value" FROM stl_load_errors ' +
  `WHERE ${under('filename', prefixes)} ORDER BY query DESC LIMIT ${ASKED}`;

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

/** A refused row before its value is known. */
export type Refused = Omit<LoadError, 'value' | 'key'>;

/**
 * The rows that the newest COPY refused.
 * @param maxAgeSeconds a COPY that began longer ago is not the one that failed now
 */
export function refusedRows(rows: readonly ResultRow[], maxAgeSeconds: number): Refused[] {
  const parsed = z.array(ErrorRow).parse(rows);
  const newest = Math.max(...parsed.map(({ query }) => query));
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

/** The values that Redshift kept of refused rows, by `refusedId`. */
export function rawValues(rows: readonly ResultRow[]): Map<string, string> {
  const newestLast = z.array(ValueRow).parse(rows).toReversed();
  return new Map(newestLast.map((row) => [refusedId(row), row.value]));
}

export const refusedId = ({ file, line, column }: Pick<Refused, 'file' | 'line' | 'column'>) =>
  JSON.stringify([file, line, column]);

/**
 * What a part file has where a row was refused: the value, and the key of the item.
 * @param part the file's text
 * @param columns of its fields, in their order
 * @param keyColumns those that the item's key was copied into
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

const MAX_SHOWN = 120;

/** For people: `s3://…, line 12, column "name" (varchar(4)): value 'Marie': reason. The item: pk='a'.` */
export function loadErrorText({ file, line, column, type, reason, value, key }: LoadError): string {
  const what = column === '' ? '' : `, column "${column}" (${type})`;
  const held = value === undefined ? '' : `, value ${shown(value)}`;
  const item = Object.entries(key).map(([name, part]) => `${name}=${shown(part)}`);
  const of = item.length === 0 ? '' : ` (of the item ${item.join(', ')})`;
  return `${file}, line ${line}${what}${held}${of}: ${reason}`;
}

const shown = (value: string) =>
  value.length > MAX_SHOWN ? `'${value.slice(0, MAX_SHOWN)}…' (${value.length} characters)` : `'${value}'`;
