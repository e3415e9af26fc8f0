import type { ColumnType } from '../records/column-type.ts';
import { isNested, type TableColumn } from './column-type.ts';
import { canonicalText, literal, quoted, textList } from './duckdb-sql.ts';
import { instantText, nonNullJson } from './json-sql.ts';

/**
 * Rows as text: fields between tabs, one row per line, `\N` for NULL. In a field, a backslash, tab, line feed and carriage return are
 * `\\`, `\t`, `\n` and `\r`, so that each row is one line and has one tab less than fields. This is the text format of PostgreSQL's COPY.
 */
export const NULL_TEXT = '\\N';

/** The exact text of a value, escaped; NULL if the value is NULL. */
function fieldText(value: string, type: ColumnType): string {
  switch (type.kind) {
    case 'string':
      return escapedSql(value);
    case 'timestamp':
      return instantText(value);
    case 'binary':
      return `lower(hex(${value}))`;
    case 'decimal':
      return `CASE WHEN ${value} IS NOT NULL THEN ${canonicalText(value, type)} END`;
    case 'list':
    case 'struct':
      return escapedSql(nonNullJson(value, type));
    case 'bigint':
    case 'double':
    case 'boolean':
    case 'date':
      return `${value}::VARCHAR`;
  }
}

const ESCAPES = [
  ['\\', '\\\\'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
] as const;

const escapedSql = (value: string): string =>
  ESCAPES.reduce((sql, [from, to]) => `replace(${sql}, ${literal(from)}, ${literal(to)})`, value);

/** A text as a field has it. */
export const escapedField = (text: string): string =>
  ESCAPES.reduce((escaped, [from, to]) => escaped.replaceAll(from, to), text);

/** The text that a field has; undefined for NULL. */
export function unescapedField(field: string): string | undefined {
  if (field === NULL_TEXT) return undefined;
  return field.replaceAll(/\\(.)/g, (_, escaped: string) => ESCAPED_BY.get(escaped) ?? escaped);
}

const ESCAPED_BY = new Map<string, string>(ESCAPES.map(([from, to]) => [to.slice(1), from]));

export const headerLine = (columns: readonly { readonly name: string }[]): string =>
  `${columns.map(({ name }) => name).join('\t')}\n`;

export interface TextRows {
  readonly columns: readonly TableColumn[];
  /** Parquet. */
  readonly files: readonly string[];
  readonly order: readonly { readonly column: string; readonly isDescending: boolean }[];
  /** Rows with one value here follow each other. */
  readonly filePer?: string;
  /** Only rows with these texts; null: NULL. */
  readonly where?: readonly { readonly column: string; readonly text: string | null }[];
}

/** Writes the rows as lines. Their order is total: the stated one, then all columns. */
export function textRows({ columns, files, order, filePer, where = [] }: TextRows, path: string): string {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const sortable = (name: string) => {
    const type = typeOf.get(name);
    return type !== undefined && isNested(type) ? canonicalText(quoted(name), type) : quoted(name);
  };
  const keys = [
    ...(filePer === undefined ? [] : [`${quoted(filePer)} ASC NULLS FIRST`]),
    ...order.map(
      ({ column, isDescending }) =>
        `${sortable(column)} ${isDescending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`,
    ),
    ...columns.map(({ name }) => `${sortable(name)} ASC NULLS FIRST`),
    // 0 and -0 are equal, and have different texts.
    ...columns.flatMap(({ name, type }) => (type.kind === 'double' ? [`${quoted(name)}::VARCHAR`] : [])),
  ];
  const fields = columns.map(({ name, type }) => fieldText(quoted(name), type));
  const rows = `SELECT ${fields.join(', ')} FROM ${rowsOf({ columns, files, where })} ORDER BY ${keys.join(', ')}`;
  return `COPY (${rows}) TO ${literal(path)} ${AS_LINES}`;
}

/** Writes each value of a column, escaped, and the number of its rows, in the order of `textRows`. */
export function textGroups(
  { columns, files, filePer }: TextRows & { readonly filePer: string },
  path: string,
): string {
  const type = columns.find(({ name }) => name === filePer)?.type ?? { kind: 'string' };
  const groups =
    `SELECT ${fieldText(quoted(filePer), type)}, count(*)::VARCHAR FROM ${rowsOf({ columns, files })} ` +
    `GROUP BY ${quoted(filePer)} ORDER BY ${quoted(filePer)} ASC NULLS FIRST`;
  return `COPY (${groups}) TO ${literal(path)} ${AS_LINES}`;
}

function rowsOf({ columns, files, where = [] }: Pick<TextRows, 'columns' | 'files' | 'where'>): string {
  const conditions = where.map(({ column, text }) => {
    const type = columns.find(({ name }) => name === column)?.type ?? { kind: 'string' };
    const field = fieldText(quoted(column), type);
    return text === null ? `${quoted(column)} IS NULL` : `${field} = ${literal(escapedField(text))}`;
  });
  return `read_parquet(${textList(files)}, union_by_name = true)${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`;
}

/** As they are: no field has a tab or a line feed. */
const AS_LINES = `(FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE '', NULLSTR ${literal(NULL_TEXT)})`;
