import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CsvScanner } from '../src/copy/csv/csv-scanner.ts';

function read(text: string, chunkSize = text.length || 1) {
  const scanner = new CsvScanner({ delimiter: ',', quote: '"' });
  const records: { fields: string[]; lineNumber: number; malformed: boolean }[] = [];
  const take = () => {
    while (scanner.next()) {
      const fields = Array.from({ length: scanner.fieldCount }, (_, index) => scanner.field(index));
      records.push({ fields, lineNumber: scanner.lineNumber, malformed: scanner.malformed });
    }
  };
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += chunkSize) {
    scanner.feed(bytes.subarray(at, at + chunkSize));
    take();
  }
  scanner.end();
  take();
  return records;
}
const fields = (text: string) => read(text).map((record) => record.fields);

describe('a CSV file', () => {
  test('has one record per line, the last one with or without a line end', () => {
    expect(fields('a,b\nc,d\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(fields('a,b\r\nc,d')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('keeps delimiters, line ends and doubled quotes inside quotes', () => {
    expect(fields('"a,b","c\nd","e""f"\n')).toEqual([['a,b', 'c\nd', 'e"f']]);
  });

  test('does not count white space around quotes, and keeps it without them', () => {
    expect(fields('  "a b" ,\t"c"\t, d \n')).toEqual([['a b', 'c', ' d ']]);
  });

  test('numbers the lines of the file, even after a field of several lines', () => {
    expect(read('a\n"b\nb"\nc\n').map((record) => record.lineNumber)).toEqual([1, 2, 4]);
  });

  test('is malformed if something follows a closing quote, or a quote is never closed', () => {
    expect(read('"a"b,c\n')[0]!.malformed).toBe(true);
    expect(read('"a\n')[0]!.malformed).toBe(true);
    expect(read('a"b,c\n')[0]!.malformed).toBe(true);
    expect(read('"a" \r\n')[0]!.malformed).toBe(false);
  });
});

test('the result does not depend on where the chunks end', () => {
  const text = fc
    .array(fc.constantFrom('a', 'é', ',', '"', '""', '\n', '\r\n', '","', '"\n'), { maxLength: 40 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), (csv, chunkSize) => {
      expect(read(csv, chunkSize)).toEqual(read(csv));
    }),
    { numRuns: 500 },
  );
});

test('reading returns exactly what was written', () => {
  const table = fc.array(
    fc.array(fc.string({ unit: fc.constantFrom('x', ',', '"', '\n', '\r', ' ') }), {
      minLength: 1,
      maxLength: 4,
    }),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, chunkSize) => {
      const csv = rows
        .map((row) => `${row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`)
        .join('');
      expect(read(csv, chunkSize).map((record) => record.fields)).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});
