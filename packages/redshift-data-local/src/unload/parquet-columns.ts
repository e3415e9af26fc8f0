import type { SchemaElement } from 'hyparquet';
import type { UnloadedColumn } from './unloaded-column.ts';

/**
 * Of the types of UNLOAD's Parquet files, AWS's pages do not say how they are stored. Our reading: decimals in as few bytes as hold
 * their precision, timestamps in microseconds without a time zone.
 */
export function parquetSchema(columns: readonly UnloadedColumn[]): SchemaElement[] {
  return [
    { name: 'schema', num_children: columns.length },
    ...columns.map((column) => ({
      name: column.name,
      repetition_type: 'OPTIONAL' as const,
      ...typeOf(column),
    })),
  ];
}

function typeOf({ kind, precision = 0, scale = 0 }: UnloadedColumn): Omit<SchemaElement, 'name'> {
  switch (kind) {
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'smallint':
      return { type: 'INT32', converted_type: 'INT_16' };
    case 'integer':
      return { type: 'INT32' };
    case 'bigint':
      return { type: 'INT64' };
    case 'real':
      return { type: 'FLOAT' };
    case 'double precision':
      return { type: 'DOUBLE' };
    case 'numeric':
      return {
        ...{ type: 'FIXED_LEN_BYTE_ARRAY', type_length: bytesFor(precision) },
        ...{ converted_type: 'DECIMAL', precision, scale },
      };
    case 'date':
      return { type: 'INT32', converted_type: 'DATE' };
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } };
    case 'character varying':
    case 'character':
    case 'varbyte':
    case 'super':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  }
}

/** The fewest bytes that hold so many digits and a sign. */
function bytesFor(precision: number): number {
  let bytes = 1;
  while (2n ** BigInt(8 * bytes - 1) <= 10n ** BigInt(precision) - 1n) bytes++;
  return bytes;
}

/** A value as the writer takes it, from PostgreSQL's text. */
export function parquetValue(text: string, { kind, scale = 0 }: UnloadedColumn): unknown {
  switch (kind) {
    case 'boolean':
      return text === 't';
    case 'smallint':
    case 'integer':
      return Number(text);
    case 'bigint':
      return BigInt(text);
    case 'real':
    case 'double precision':
      return Number(text.replace('inf', 'Inf'));
    case 'numeric':
      return unscaled(text, scale);
    case 'date':
      return Date.parse(`${text}T00:00:00Z`) / 86_400_000;
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return microseconds(text);
    case 'character varying':
    case 'character':
    case 'varbyte':
    case 'super':
      return text;
  }
}

function unscaled(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

/** `2026-11-01 12:30:00.123456+00` */
function microseconds(text: string): bigint {
  const [, second = '', fraction = ''] = /^(.{19})(?:\.(\d+))?/.exec(text) ?? [];
  const seconds = BigInt(Date.parse(`${second.replace(' ', 'T')}Z`)) / 1000n;
  return seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}
