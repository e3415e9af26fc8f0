import { expect, test } from '@jest/globals';
import { type ParquetElement, parquetType } from '../../../../src/pipeline/loader/parquet-type.ts';

test.each<[string, Omit<ParquetElement, 'name'>, string | undefined]>([
  ['a flag', { type: 'BOOLEAN' }, 'boolean'],
  ['32 bits', { type: 'INT32' }, 'integer'],
  ['64 bits', { type: 'INT64' }, 'bigint'],
  ['16 bits, as old files say it', { type: 'INT32', converted_type: 'INT_16' }, 'smallint'],
  ['8 bits', { type: 'INT32', logical_type: { type: 'INTEGER', bitWidth: 8, isSigned: true } }, 'smallint'],
  [
    'unsigned',
    { type: 'INT64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } },
    undefined,
  ],
  ['unsigned, as old files say it', { type: 'INT32', converted_type: 'UINT_32' }, undefined],
  ['a date', { type: 'INT32', converted_type: 'DATE' }, 'date'],
  ['a time', { type: 'INT64', logical_type: { type: 'TIMESTAMP', unit: 'MICROS' } }, 'timestamp'],
  ['nanoseconds', { type: 'INT64', logical_type: { type: 'TIMESTAMP', unit: 'NANOS' } }, undefined],
  ['a time of Impala and Spark', { type: 'INT96' }, 'timestamp'],
  [
    'a decimal',
    { type: 'INT64', logical_type: { type: 'DECIMAL', precision: 10, scale: 2 } },
    'decimal(10,2)',
  ],
  [
    'an old decimal',
    { type: 'FIXED_LEN_BYTE_ARRAY', converted_type: 'DECIMAL', precision: 38, scale: 0 },
    'decimal(38,0)',
  ],
  [
    'a decimal that Redshift has not',
    { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 50, scale: 0 },
    undefined,
  ],
  ['text', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, 'varchar(65535)'],
  ['bytes', { type: 'BYTE_ARRAY' }, 'varbyte(1024000)'],
  ['a UUID', { type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'UUID' } }, undefined],
  ['a repeated value', { type: 'INT32', repetition_type: 'REPEATED' }, 'super'],
])('%s', (_, element, expected) => {
  expect(parquetType({ name: 'a', ...element }, false)).toBe(expected);
});

test('nested values are SUPER', () => {
  expect(parquetType({ name: 'a' }, true)).toBe('super');
});
