import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AsyncBuffer, SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { bytesOfPrecision, decimalText } from '../src/copy/parquet/decimal-text.ts';
import { leafType } from '../src/copy/parquet/leaf-type.ts';
import { parquetField } from '../src/copy/parquet/parquet-field.ts';
import { openParquet } from '../src/copy/parquet/parquet-file.ts';
import { microseconds, timestampText } from '../src/copy/parquet/parquet-time.ts';
import { columnOf } from './copy-column.ts';

const bufferOf = (bytes: ArrayBuffer): AsyncBuffer => ({
  byteLength: bytes.byteLength,
  slice: (start, end) => bytes.slice(start, end),
});

/** Two's complement, the first byte with the sign. */
function bigEndian(value: bigint, bytes: number): Uint8Array {
  const hex = BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

const MAX = 10n ** 38n - 1n;

describe('values', () => {
  test('a decimal keeps every digit, however it is stored', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MAX, max: MAX }), fc.integer({ min: 0, max: 37 }), (value, scale) => {
        const text = decimalText(bigEndian(value, 16), scale);
        expect(text).toBe(decimalText(value, scale));
        const [whole, fraction = ''] = text.split('.') as [string, string?];
        expect(fraction).toHaveLength(scale);
        expect(BigInt(whole.replace('-', '') + fraction)).toBe(value < 0n ? -value : value);
        expect(text.startsWith('-')).toBe(value < 0n);
      }),
    );
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [9, 4],
    [10, 5],
    [18, 8],
    [19, 9],
    [29, 13],
    [38, 16],
  ])('decimals of %i digits take %i bytes', (precision, bytes) => {
    expect(bytesOfPrecision(precision)).toBe(bytes);
  });

  test('a timestamp is the moment that it counts to, before 1970 too', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 999 }),
        (date, micros) => {
          const stored = BigInt(date.getTime()) * 1_000n + BigInt(micros);
          const text = timestampText(stored)!;
          const [seconds, fraction = ''] = text.split('.') as [string, string?];
          expect(seconds).toBe(date.toISOString().slice(0, 19).replace('T', ' '));
          expect(Number(fraction.padEnd(6, '0'))).toBe(date.getUTCMilliseconds() * 1_000 + micros);
        },
      ),
    );
    expect(timestampText(-62_135_596_800_000_001n)).toBeUndefined();
    expect(timestampText(253_402_300_800_000_000n)).toBeUndefined();
  });

  test('less than a microsecond of an INT96 is cut off', () => {
    expect([-1n, 0n, 999n, 1_000n, -1_001n].map((nanos) => microseconds(nanos, 'INT96'))).toEqual([
      -1n,
      0n,
      0n,
      1n,
      -2n,
    ]);
  });

  test.each<[Partial<SchemaElement>, object]>([
    [
      { type: 'INT32', converted_type: 'INT_16' },
      { kind: 'integer', bits: 16 },
    ],
    [
      { type: 'INT32', logical_type: { type: 'INTEGER', bitWidth: 8, isSigned: true } },
      { kind: 'integer', bits: 8 },
    ],
    [{ type: 'INT64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } }, { kind: 'other' }],
    [{ type: 'INT64', converted_type: 'UINT_64' }, { kind: 'other' }],
    [
      { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
      { kind: 'timestamp', unit: 'MICROS' },
    ],
    [
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' } },
      { kind: 'other' },
    ],
    [
      { type: 'INT32', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MILLIS' } },
      { kind: 'other' },
    ],
    [{ type: 'BYTE_ARRAY', converted_type: 'ENUM' }, { kind: 'text' }],
    [{ type: 'BYTE_ARRAY', converted_type: 'BSON' }, { kind: 'other' }],
    [{ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } }, { kind: 'other' }],
    [
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 5, converted_type: 'DECIMAL', precision: 10, scale: 2 },
      { kind: 'decimal', precision: 10, scale: 2, typeLength: 5 },
    ],
  ])('%j is %j', (element, expected) => {
    expect(leafType({ name: 'a', ...element })).toEqual(expected);
  });
});

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 4 },
  {
    name: 'd',
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    repetition_type: 'OPTIONAL',
    converted_type: 'DECIMAL',
    precision: 38,
    scale: 10,
  },
  { name: 'g', type: 'INT64', repetition_type: 'OPTIONAL' },
  { name: 't', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
  { name: 'b', type: 'BOOLEAN', repetition_type: 'REQUIRED' },
];
const TARGETS = [
  columnOf('d', 'decimal(38,10)'),
  columnOf('g', 'bigint'),
  columnOf('t', 'varchar(100)'),
  columnOf('b', 'boolean'),
];

describe('a file', () => {
  test('is read as it was written: with any nulls, codec, row groups and pages', async () => {
    const row = fc.tuple(
      fc.option(fc.bigInt({ min: -MAX, max: MAX })),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(
        fc.oneof(
          fc.constantFrom('', 'x', '\\N', 'é'),
          fc.string({ maxLength: 9 }).filter((text) => !text.includes('\0')),
        ),
      ),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 60 }),
        fc.constantFrom('UNCOMPRESSED' as const, 'SNAPPY' as const, 'GZIP' as const, 'ZSTD' as const),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(20, 100, 1_000_000),
        async (rows, codec, rowGroupSize, pageSize) => {
          const bytes = parquetWriteBuffer({
            columnData: SCHEMA.slice(1).map(({ name }, index) => ({
              name,
              data: rows.map((values) => values[index]),
            })),
            schema: SCHEMA,
            codec,
            compressors: { GZIP: (input) => gzipSync(input), ZSTD: (input) => zstdCompressSync(input) },
            rowGroupSize,
            pageSize,
          });
          const file = await openParquet(bufferOf(bytes));
          const read: (string | null)[][] = [];
          for await (const group of file.rowGroups()) {
            expect(group.rows).toBeLessThanOrEqual(rowGroupSize);
            for (let at = 0; at < group.rows; at++)
              read.push(
                file.columns.map((node, index) =>
                  parquetField(group.columns[index]![at], node, TARGETS[index]!, undefined),
                ),
              );
          }
          const latin1 = (text: string | null) => text && Buffer.from(text).toString('latin1');
          expect(read).toEqual(
            rows.map(([d, g, t, b]) => [
              d === null ? null : decimalText(d, 10),
              g === null ? null : String(g),
              latin1(t),
              b ? 't' : 'f',
            ]),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test('is in memory one row group at a time', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'n', type: 'DOUBLE', data: Float64Array.from({ length: 200_000 }, () => Math.random()) },
      ],
      codec: 'UNCOMPRESSED',
      rowGroupSize: 10_000,
    });
    let read = 0;
    const whole = bufferOf(bytes);
    const file = await openParquet({
      byteLength: whole.byteLength,
      slice: (start, end) => {
        read += (end ?? whole.byteLength) - start;
        return whole.slice(start, end);
      },
    });
    const afterFooter = read;
    let groups = 0;
    for await (const { rows } of file.rowGroups()) {
      groups++;
      expect(rows).toBe(10_000);
      // Of the groups so far, and no more.
      expect(read - afterFooter).toBeLessThan(groups * 81_000);
    }
    expect(groups).toBe(20);
  });

  test.each([
    ['empty', new ArrayBuffer(0)],
    ['short', new Uint8Array([1, 2, 3]).buffer],
    ['text', new TextEncoder().encode('a|b|c\nd|e|f\n').buffer],
  ])('that is %s is refused', async (_, bytes) => {
    await expect(openParquet(bufferOf(bytes))).rejects.toThrow(Error);
  });

  test('that was cut off is refused', async () => {
    const good = parquetWriteBuffer({
      columnData: [{ name: 't', type: 'STRING', data: ['a', 'b', 'c', 'd'] }],
      codec: 'SNAPPY',
    });
    for (let length = 0; length < good.byteLength; length += 7)
      await expect(openParquet(bufferOf(good.slice(0, length)))).rejects.toThrow(Error);
  });

  test.each(['UNCOMPRESSED', 'SNAPPY'] as const)(
    'with %s pages that has any damaged byte is refused, or read to its end',
    async (codec) => {
      const good = parquetWriteBuffer({
        columnData: [{ name: 't', type: 'STRING', data: ['a', 'b', 'c', 'a', 'b', 'c'] }],
        codec,
      });
      let refused = 0;
      for (let at = 0; at < good.byteLength; at++) {
        for (const byte of [0x00, 0x01, 0x15, 0x7f, 0x80, 0xff]) {
          const bad = new Uint8Array(good.slice(0));
          bad[at] = byte;
          try {
            const file = await openParquet(bufferOf(bad.buffer));
            for await (const _group of file.rowGroups());
          } catch {
            refused++;
          }
        }
      }
      expect(refused).toBeGreaterThan(good.byteLength / 2);
    },
  );
});
