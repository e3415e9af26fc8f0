import type { ColumnType } from '../records/column-type.ts';

/** DuckDB's spelling of names, texts and types. */

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text literal. DuckDB's have no escapes but the doubled quote. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const textList = (texts: readonly string[]): string => `[${texts.map(literal).join(', ')}]`;

/**
 * The type of a column in a data file. Timestamps are instants (`isAdjustedToUTC`): the only form that also has the
 * older annotation TIMESTAMP_MICROS, which readers without the newer one need.
 */
export function storedType(type: ColumnType): string {
  switch (type.kind) {
    case 'string':
      return 'VARCHAR';
    case 'timestamp':
      return 'TIMESTAMPTZ';
    case 'binary':
      return 'BLOB';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'list':
      return `${storedType(type.of)}[]`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoted(field.name)} ${storedType(field.type)}`).join(', ')})`;
    case 'bigint':
    case 'double':
    case 'boolean':
    case 'date':
      return type.kind.toUpperCase();
  }
}

/** The type in which a row line carries a value: that of the file, but timestamps are microseconds, and bytes base64. */
export function carriedType(type: ColumnType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'BIGINT';
    case 'binary':
      return 'VARCHAR';
    case 'list':
      return `${carriedType(type.of)}[]`;
    case 'struct':
      return `STRUCT(${type.fields.map(({ type: field }, index) => `f${index} ${carriedType(field)}`).join(', ')})`;
    case 'string':
    case 'bigint':
    case 'double':
    case 'decimal':
    case 'boolean':
    case 'date':
      return storedType(type);
  }
}

/** The stored value of a carried one. `depth` keeps the parameters of nested lambdas apart. */
export function storedFromCarried(value: string, type: ColumnType, depth = 0): string {
  switch (type.kind) {
    case 'timestamp':
      return `make_timestamptz(${value})`;
    case 'binary':
      return `from_base64(${value})`;
    case 'list': {
      const member = `m${depth}`;
      return `list_transform(${value}, lambda ${member}: ${storedFromCarried(member, type.of, depth + 1)})`;
    }
    case 'struct': {
      const fields = type.fields.map(
        (field, index) =>
          `${quoted(field.name)} := ${storedFromCarried(`struct_extract(${value}, 'f${index}')`, field.type, depth)}`,
      );
      return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`;
    }
    case 'string':
    case 'bigint':
    case 'double':
    case 'decimal':
    case 'boolean':
    case 'date':
      return value;
  }
}

/**
 * The value as canonical JSON: numbers as their digits, timestamps as microseconds since 1970, dates as days since
 * 1970, bytes in hexadecimal, structs in the order of their fields. Built from functions whose text is fixed by their
 * definition, so that another version of DuckDB gives the same; a test compares it with an implementation of its own.
 */
export function canonicalText(value: string, type: ColumnType, depth = 0): string {
  return `coalesce(${nonNullText(value, type, depth)}, 'null')`;
}

function nonNullText(value: string, type: ColumnType, depth: number): string {
  switch (type.kind) {
    case 'string':
      return `to_json(${value})::VARCHAR`;
    case 'timestamp':
      // Of an infinite one, `epoch_us` is NULL.
      return `CASE WHEN isfinite(${value}) THEN epoch_us(${value})::VARCHAR ELSE ${value}::VARCHAR END`;
    case 'date':
      return `(${value} - DATE '1970-01-01')::VARCHAR`;
    case 'decimal':
      // DuckDB writes no zero before the dot if the type has no digit there.
      return type.precision > type.scale
        ? `${value}::VARCHAR`
        : `regexp_replace(${value}::VARCHAR, '^(-?)[.]', '\\10.')`;
    case 'binary':
      return `'"' || hex(${value}) || '"'`;
    case 'list': {
      const member = `m${depth}`;
      const texts = `list_transform(${value}, lambda ${member}: ${canonicalText(member, type.of, depth + 1)})`;
      return `'[' || array_to_string(${texts}, ',') || ']'`;
    }
    case 'struct': {
      const fields = type.fields.map((field) => {
        const name = literal(JSON.stringify(field.name));
        return `${name} || ':' || ${canonicalText(`struct_extract(${value}, ${literal(field.name)})`, field.type, depth)}`;
      });
      return `CASE WHEN ${value} IS NOT NULL THEN '{' || ${fields.join(" || ',' || ")} || '}' END`;
    }
    case 'bigint':
    case 'double':
    case 'boolean':
      return `${value}::VARCHAR`;
  }
}
