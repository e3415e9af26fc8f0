import type { ConvertedType, ParquetType, SchemaElement } from 'hyparquet';

/** What the values of a column that is not nested are. */
export type LeafType =
  | { kind: 'boolean' | 'float' | 'double' | 'date' | 'text' | 'bytes' }
  /** Signed, of 8 to 64 bits. */
  | { kind: 'integer'; bits: number }
  /** `typeLength`: bytes of the unscaled value, if all values have the same. */
  | { kind: 'decimal'; precision: number; scale: number; typeLength: number | undefined }
  /** INT96, or a number of milliseconds or microseconds since 1970. */
  | { kind: 'timestamp'; unit: 'INT96' | 'MILLIS' | 'MICROS' }
  /** Types that no column of Redshift takes: times, unsigned integers, nanoseconds and more. */
  | { kind: 'other' };

/** The type of a column, from its physical type and its logical type or, in older files, its converted type. */
export function leafType(element: SchemaElement): LeafType {
  const { type, type_length: typeLength, converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    const isLogical = logical?.type === 'DECIMAL';
    const precision = (isLogical ? logical.precision : element.precision) ?? 0;
    const scale = (isLogical ? logical.scale : element.scale) ?? 0;
    return {
      kind: 'decimal',
      precision,
      scale,
      typeLength: type === 'FIXED_LEN_BYTE_ARRAY' ? typeLength : undefined,
    };
  }
  if (type === 'INT32' || type === 'INT64') return integerType(element);
  if (type === 'BYTE_ARRAY') return byteArrayType(element);
  return (type === undefined ? undefined : PHYSICAL[type]) ?? { kind: 'other' };
}

/** Types that need no annotation. */
const PHYSICAL: Partial<Record<ParquetType, LeafType>> = {
  BOOLEAN: { kind: 'boolean' },
  FLOAT: { kind: 'float' },
  DOUBLE: { kind: 'double' },
  INT96: { kind: 'timestamp', unit: 'INT96' },
};

function integerType({ type, converted_type: converted, logical_type: logical }: SchemaElement): LeafType {
  const bits = type === 'INT32' ? 32 : 64;
  if (logical !== undefined) {
    if (logical.type === 'DATE') return { kind: 'date' };
    if (logical.type === 'INTEGER' && logical.isSigned) return { kind: 'integer', bits: logical.bitWidth };
    if (logical.type === 'TIMESTAMP' && logical.unit !== 'NANOS')
      return { kind: 'timestamp', unit: logical.unit };
    return { kind: 'other' };
  }
  return converted === undefined ? { kind: 'integer', bits } : (CONVERTED[converted] ?? { kind: 'other' });
}

/** Integers as older files annotate them. */
const CONVERTED: Partial<Record<ConvertedType, LeafType>> = {
  DATE: { kind: 'date' },
  TIMESTAMP_MILLIS: { kind: 'timestamp', unit: 'MILLIS' },
  TIMESTAMP_MICROS: { kind: 'timestamp', unit: 'MICROS' },
  INT_8: { kind: 'integer', bits: 8 },
  INT_16: { kind: 'integer', bits: 16 },
  INT_32: { kind: 'integer', bits: 32 },
  INT_64: { kind: 'integer', bits: 64 },
};

const TEXTS: ReadonlySet<string> = new Set(['UTF8', 'STRING', 'ENUM', 'JSON']);

function byteArrayType({ converted_type: converted, logical_type: logical }: SchemaElement): LeafType {
  const annotation = logical?.type ?? converted;
  if (annotation === undefined) return { kind: 'bytes' };
  return TEXTS.has(annotation) ? { kind: 'text' } : { kind: 'other' };
}
