import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareNumbers, numberText } from '../../../../src/pipeline/item/number.ts';

const nines = (n: number) => '9'.repeat(n);

describe('a number has one canonical text', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.000', '0'],
    ['0E500', '0'],
    ['1E2', '100'],
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['+3', '3'],
    ['12.34e1', '123.4'],
    ['100e-2', '1'],
    ['1e-3', '0.001'],
    [nines(38), nines(38)],
    [`${nines(30)}.${nines(8)}`, `${nines(30)}.${nines(8)}`],
    [`0.${nines(38)}`, `0.${nines(38)}`],
    ['1E37', `1${'0'.repeat(37)}`],
    ['1E-38', `0.${'0'.repeat(37)}1`],
  ])('%s is written %s', (n, text) => {
    expect(numberText(n)).toMatchObject({ text, exponent: false });
  });

  test.each([
    ['1E38', '1E+38'],
    ['1E-39', '1E-39'],
    ['1E-130', '1E-130'],
    ['9.9E+125', '9.9E+125'],
    ['-0.00099E129', '-9.9E+125'],
    [`${nines(38)}E1`, `9.${nines(37)}E+38`],
    [`1${nines(37)}.1`, `1.${nines(37)}1E+37`],
  ])('%s needs more than 38 digits and is written %s', (n, text) => {
    expect(numberText(n)).toEqual({ text, integerDigits: 0, scale: 0, int64: false, exponent: true });
  });

  test.each([
    ['0', 0, 0],
    ['0.5', 0, 1],
    ['-12.5', 2, 1],
    ['1E2', 3, 0],
    ['120', 3, 0],
    ['-120', 3, 0],
    ['0.001', 0, 3],
    ['123456789012345678901.5', 21, 1],
  ])('%s has %i digits before the point and %i after it', (n, integerDigits, scale) => {
    expect(numberText(n)).toMatchObject({ integerDigits, scale });
  });

  test.each([
    ['9223372036854775807', true],
    ['9223372036854775808', false],
    ['-9223372036854775808', true],
    ['-9223372036854775809', false],
    ['9.223372036854775807E18', true],
    ['10000000000000000000', false],
    ['999999999999999999', true],
    ['1.0', true],
    ['1.5', false],
  ])('%s fits 64 bits: %p', (n, int64) => {
    expect(numberText(n).int64).toBe(int64);
  });

  test.each([
    '',
    '-',
    '.',
    'NaN',
    'Infinity',
    '1 ',
    ' 1',
    '1\n',
    '0x10',
    '1e',
    '1e+',
    '1_000',
    '--1',
    '٣',
    '1E9999999999',
  ])('%j is refused', (n) => {
    expect(() => numberText(n)).toThrow('not a decimal number');
  });
});

/** digits × 10^power, written in one of the many ways there are. */
const written = fc
  .record({
    negative: fc.boolean(),
    digits: fc.stringMatching(/^[0-9]{1,40}$/),
    power: fc.integer({ min: -140, max: 130 }),
    split: fc.nat(40),
    padding: fc.nat(3),
  })
  .map(({ negative, digits, power, split, padding }) => {
    const at = Math.min(split, digits.length);
    const fraction = digits.slice(at);
    const text = `${negative ? '-' : ''}${'0'.repeat(padding)}${digits.slice(0, at)}.${fraction}${'0'.repeat(padding)}E${power + fraction.length}`;
    return { text: text.replace(/^(-?)\./, '$10.'), value: (negative ? -1n : 1n) * BigInt(digits), power };
  });

/** An integer in units of 10^-400, computed without the code under test. */
function scaled(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.split(/[eE]/);
  const [integer = '', fraction = ''] = mantissa.split('.');
  return BigInt(integer + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length);
}

test('the text means the same number, and equal numbers have equal texts', () => {
  fc.assert(
    fc.property(written, ({ text, value, power }) => {
      const result = numberText(text);
      expect(scaled(result.text)).toBe(value * 10n ** BigInt(400 + power));
      expect(numberText(result.text)).toEqual(result);
      expect(numberText(`${value}E${power}`)).toEqual(result);
      expect(result.int64).toBe(
        !result.text.includes('.') &&
          !result.exponent &&
          BigInt.asIntN(64, BigInt(result.text)) === BigInt(result.text),
      );
    }),
    { numRuns: 2000 },
  );
});

test('numbers compare by value', () => {
  fc.assert(
    fc.property(written, written, (a, b) => {
      const difference = scaled(numberText(a.text).text) - scaled(numberText(b.text).text);
      expect(Math.sign(compareNumbers(a.text, b.text))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
  expect(['10', '9', '-1', '-10', '1.5', '1E-130', '0', '-1E100'].sort(compareNumbers)).toEqual([
    '-1E100',
    '-10',
    '-1',
    '0',
    '1E-130',
    '1.5',
    '9',
    '10',
  ]);
});
