import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import { type RawRecord, RawRecords } from '../../../../../src/pipeline/datasets/records/raw-records.ts';
import { RAW_CASES } from './raw-cases.ts';

/** `line text`, or `line !why: text`. */
const shown = ({ line, text, malformed }: RawRecord) =>
  `${line} ${malformed === undefined ? '' : `!${malformed}: `}${text}`;

function read(file: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY): string[] {
  const bytes = Buffer.from(file);
  const records = new RawRecords();
  const found: RawRecord[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    found.push(...records.push(bytes.subarray(at, Math.min(bytes.length, at + pieceBytes))));
  found.push(...records.finish());
  return found.map(shown);
}

describe.each(Object.entries(RAW_CASES))('%s', (_, [file, ...expected]) => {
  test.each([1, 2, 3, 7, 1000])('in pieces of %i bytes', (pieceBytes) => {
    expect(read(file, pieceBytes)).toEqual(expected);
  });
});

test('of a record that is too long, the beginning is kept, and reading continues behind it', () => {
  const long = `{"a":"${'x'.repeat(17 * 1024 * 1024)}"}`;
  const found = read(`{"a":1}\n${long}\n{"a":2}\n`, 64 * 1024);
  expect(found.map((each) => each.slice(0, 40))).toEqual([
    '1 {"a":1}',
    `2 !a record of more than 16 MB: ${long.slice(0, 8)}`.slice(0, 40),
    '3 {"a":2}',
  ]);
  expect(found[1]!.length).toBeLessThan(1024 * 1024 + 100);
});
