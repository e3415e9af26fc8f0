import { describe, expect, test } from '@jest/globals';
import { quoted } from '../../../../src/pipeline/item/csv.ts';
import { readCsvRow } from '../../../../src/pipeline/load/csv-row.ts';
import {
  loadErrorText,
  lookUp,
  rawValues,
  refusedId,
  refusedRows,
  withoutValues,
} from '../../../../src/pipeline/load/load-error.ts';

const csv = (...rows: (string | null)[][]) =>
  rows
    .map((row) => `${row.map((field) => (field === null ? '~NULL~' : quoted(field))).join(',')}\n`)
    .join('');

describe('the row of a line', () => {
  const text = csv(['a', 'say "so", twice'], ['b', null], ['two\nlines', ''], ['d', 'e,f']);
  test.each([
    [1, ['a', 'say "so", twice']],
    [2, ['b', '~NULL~']],
    [3, ['two\nlines', '']],
    [4, ['two\nlines', '']],
    [5, ['d', 'e,f']],
    [6, undefined],
  ])('line %i', (line, expected) => {
    expect(readCsvRow(text, line)).toEqual(expected);
  });

  test('of a file that ends inside a quoted field is reported as far as it goes', () => {
    expect(readCsvRow('"a","b\n', 1)).toEqual(['a', 'b\n']);
  });
});

const row = (changed: object) => ({
  query: 7,
  file: 's3://b/f.csv.zst',
  line: 2,
  column: 'name',
  type: 'varchar',
  length: '4',
  reason: 'too long',
  age: 3,
  ...changed,
});

describe('rejected rows', () => {
  test('are those of the newest COPY, in the order of the file', () => {
    const rows = [row({ line: 9 }), row({}), row({ query: 6, line: 1 })];
    expect(refusedRows(rows, 10).map(({ line }) => line)).toEqual([2, 9]);
  });

  test('of an earlier COPY are not reported for this one', () => {
    expect(refusedRows([row({ age: 100 })], 10)).toEqual([]);
    expect(refusedRows([], 10)).toEqual([]);
  });

  test('are reported with file, line, column, type, value, item and reason', () => {
    const [refused] = refusedRows([row({})], 10);
    const found = lookUp(refused!, csv(['p', 'ok'], ['q', 'Marie']), ['pk', 'name'], ['pk']);
    expect(loadErrorText({ ...refused!, ...found })).toBe(
      `line 2 of s3://b/f.csv.zst, column name (varchar(4)), value 'Marie', item pk='q': too long`,
    );
  });

  test('may be rejected as a whole, or without a known value', () => {
    const [refused] = refusedRows([row({ column: null, type: null, length: null })], 10);
    expect(loadErrorText({ ...refused!, value: undefined, key: {} })).toBe(
      'line 2 of s3://b/f.csv.zst: too long',
    );
  });

  test('long values are truncated, and their length is reported', () => {
    const [refused] = refusedRows([row({})], 10);
    const text = loadErrorText({ ...refused!, value: 'x'.repeat(5000), key: {} });
    expect(text).toMatch(/value 'x{120}…' \(5,000 characters\): too long$/);
  });

  test('have the value that Redshift kept for the newest COPY', () => {
    const kept = { file: 'f', line: 2, column: 'name' };
    const values = rawValues([
      { query: 8, ...kept, value: 'new' },
      { query: 7, ...kept, value: 'old' },
    ]);
    expect(values.get(refusedId(kept))).toBe('new');
  });

  const [example] = refusedRows([row({})], 10);
  test.each([
    ["Invalid digit, Value 'c', Pos 0, Type: Integer", 'Invalid digit, Value'],
    ['Unknown boolean format: canary', 'Unknown boolean format'],
    ['1204: Overflow for bigint(20): 99canary', 'Overflow for bigint'],
    ['error: 1220 Bad UTF8 hex sequence: 63 61', 'Bad UTF'],
    ['String length exceeds DDL length', 'String length exceeds DDL length'],
    ["'canary' is not a date", 'the reason contains a value'],
  ])('say no more of "%s" than the words before the value', (reason, words) => {
    const error = { ...example!, reason, value: 'canaré', key: { pk: 'canary' } };
    expect(loadErrorText(withoutValues(error))).toBe(
      `line 2 of s3://b/f.csv.zst, column name (varchar(4)), a value of 7 bytes: ${words}`,
    );
  });
});
