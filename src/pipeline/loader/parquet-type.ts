/** What a Parquet file's schema says of a column, as hyparquet has it. */
export interface ParquetElement {
  readonly name: string;
  readonly type?: string | undefined;
  readonly repetition_type?: string | undefined;
  readonly converted_type?: string | undefined;
  readonly logical_type?:
    | {
        readonly type: string;
        readonly precision?: number;
        readonly scale?: number;
        readonly bitWidth?: number;
        readonly isSigned?: boolean;
        readonly unit?: string;
      }
    | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
}

const TEXT_TYPE = 'varchar(65535)';
const BYTES_TYPE = 'varbyte(1024000)';

/**
 * The Redshift type of a Parquet column. COPY converts none, so only this one, or a shorter text, can receive its values.
 * https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
 * @param isNested it is a struct, list or map
 * @returns undefined if COPY cannot load it: unsigned numbers, times, nanoseconds, bytes of a fixed length
 */
export function parquetType(element: ParquetElement, isNested: boolean): string | undefined {
  if (isNested || element.repetition_type === 'REPEATED') return 'super';
  const { type, converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    const { precision = 0, scale = 0 } = logical?.type === 'DECIMAL' ? logical : element;
    return precision >= 1 && precision <= 38 ? `decimal(${precision},${scale})` : undefined;
  }
  switch (type ?? '') {
    case 'BOOLEAN':
      return 'boolean';
    case 'FLOAT':
      return 'real';
    case 'DOUBLE':
      return 'double precision';
    case 'INT96':
      return 'timestamp';
    case 'INT32':
    case 'INT64':
      return wholeType(element);
    case 'BYTE_ARRAY': {
      const annotation = logical?.type ?? converted;
      if (annotation === undefined) return BYTES_TYPE;
      return ['UTF8', 'STRING', 'ENUM', 'JSON'].includes(annotation) ? TEXT_TYPE : undefined;
    }
    default:
      return undefined;
  }
}

const WHOLE: Readonly<Record<number, string>> = {
  8: 'smallint',
  16: 'smallint',
  32: 'integer',
  64: 'bigint',
};

function wholeType({
  type,
  converted_type: converted,
  logical_type: logical,
}: ParquetElement): string | undefined {
  const own = type === 'INT32' ? 'integer' : 'bigint';
  if (logical !== undefined) {
    if (logical.type === 'DATE') return 'date';
    if (logical.type === 'TIMESTAMP') return logical.unit === 'NANOS' ? undefined : 'timestamp';
    return logical.type === 'INTEGER' && logical.isSigned ? WHOLE[logical.bitWidth ?? 0] : undefined;
  }
  switch (converted ?? '') {
    case '':
      return own;
    case 'DATE':
      return 'date';
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
      return 'timestamp';
    case 'INT_8':
    case 'INT_16':
    case 'INT_32':
    case 'INT_64':
      return WHOLE[Number(converted?.slice(4))];
    default:
      return undefined;
  }
}
