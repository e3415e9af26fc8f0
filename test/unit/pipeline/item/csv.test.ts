import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  HOLDS_NUL,
  hexOfBase64,
  hexOfText,
  measure,
  quoted,
  UNPAIRED_SURROGATE,
} from '../../../../src/pipeline/item/csv.ts';

test('a field is quoted, and quotes inside it are doubled', () => {
  expect(quoted('')).toBe('""');
  expect(quoted('a,b\n')).toBe('"a,b\n"');
  expect(quoted('"a" ""')).toBe('"""a"" """""');
});

describe('a string is measured in bytes of UTF-8', () => {
  test('whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (s) => {
        expect(measure(s)).toBe(s.includes('\0') ? HOLDS_NUL : new TextEncoder().encode(s).length);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['\ud800', 'a\udc00', '\udc00\ud800', '\ud83d\ud83d\ude00', '\0\ud800'])('%j has none', (s) => {
    expect(measure(s)).toBe(UNPAIRED_SURROGATE);
  });
});

test('binary and text become hexadecimal of their bytes', () => {
  expect(hexOfBase64('')).toBe('');
  expect(hexOfBase64('AP8K')).toBe('00ff0a');
  expect(hexOfText('é\0')).toBe('c3a900');
});

test.each(['A', 'AA', 'AAA', 'A===', '*AAA', 'AA=A', 'AAAA AAA'])('%j is not complete base64', (s) => {
  expect(() => hexOfBase64(s)).toThrow('not base64');
});
