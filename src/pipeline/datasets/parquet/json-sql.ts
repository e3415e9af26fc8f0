import type { ColumnType } from '../records/column-type.ts';
import { canonicalText, literal } from './duckdb-sql.ts';

/**
 * A value as JSON that no reader rounds: a bigint and a decimal are text with all digits, a timestamp is text in UTC, bytes are
 * hexadecimal, and NULL is null.
 */
function jsonText(value: string, type: ColumnType, depth = 0): string {
  return `coalesce(${nonNullJson(value, type, depth)}, 'null')`;
}

/** NULL if the value is NULL. */
export function nonNullJson(value: string, type: ColumnType, depth = 0): string {
  switch (type.kind) {
    case 'string':
      return `to_json(${value})::VARCHAR`;
    case 'bigint':
    case 'date':
      return inQuotes(`${value}::VARCHAR`);
    case 'decimal':
      return `CASE WHEN ${value} IS NOT NULL THEN ${inQuotes(canonicalText(value, type))} END`;
    case 'double':
      return `CASE WHEN isfinite(${value}) THEN ${value}::VARCHAR ELSE ${inQuotes(`${value}::VARCHAR`)} END`;
    case 'boolean':
      return `${value}::VARCHAR`;
    case 'timestamp':
      return inQuotes(`(${instantText(value)})`);
    case 'binary':
      return inQuotes(`lower(hex(${value}))`);
    case 'list': {
      const member = `m${depth}`;
      const texts = `list_transform(${value}, lambda ${member}: ${jsonText(member, type.of, depth + 1)})`;
      return `'[' || array_to_string(${texts}, ',') || ']'`;
    }
    case 'struct': {
      const fields = type.fields.map(
        (field) =>
          `${literal(JSON.stringify(field.name))} || ':' || ` +
          jsonText(`struct_extract(${value}, ${literal(field.name)})`, field.type, depth),
      );
      return `CASE WHEN ${value} IS NOT NULL THEN '{' || ${fields.join(" || ',' || ")} || '}' END`;
    }
  }
}

/** A timestamp in UTC with six decimals. */
export const instantText = (value: string): string =>
  `CASE WHEN isfinite(${value}) THEN strftime(${value} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') ` +
  `ELSE ${value}::VARCHAR END`;

const inQuotes = (text: string) => `'"' || ${text} || '"'`;
