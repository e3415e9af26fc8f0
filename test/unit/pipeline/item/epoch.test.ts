import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EpochUnit, epochTime, integerEpochTime } from '../../../../src/pipeline/item/epoch.ts';
import { numberText } from '../../../../src/pipeline/item/number.ts';
import { textForm } from '../../../../src/pipeline/seen/text-form.ts';

const PER_SECOND: Readonly<Record<EpochUnit, bigint>> = { s: 1n, ms: 1000n, us: 1_000_000n };
const unit = fc.constantFrom<EpochUnit>('s', 'ms', 'us');

/** Microseconds since 1970 of a time as text. */
function microsOf(time: string): bigint {
  const [upToSecond, fraction = ''] = time.replace('Z', '').split('.');
  return BigInt(Date.parse(`${upToSecond}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

describe('a number of an epoch column is a time, exactly', () => {
  test.each<[string, EpochUnit, string | undefined]>([
    ['0', 's', '1970-01-01T00:00:00Z'],
    ['1700000000', 's', '2023-11-14T22:13:20Z'],
    ['1.7E9', 's', '2023-11-14T22:13:20Z'],
    ['1700000000.5', 's', '2023-11-14T22:13:20.500Z'],
    ['1700000000.000001', 's', '2023-11-14T22:13:20.000001Z'],
    ['1700000000.0000001', 's', undefined],
    ['1700000000123', 'ms', '2023-11-14T22:13:20.123Z'],
    ['1700000000123.456', 'ms', '2023-11-14T22:13:20.123456Z'],
    ['1700000000123.4567', 'ms', undefined],
    ['1700000000123456', 'us', '2023-11-14T22:13:20.123456Z'],
    ['0.5', 'us', undefined],
    ['-1', 's', '1969-12-31T23:59:59Z'],
    ['-1', 'us', '1969-12-31T23:59:59.999999Z'],
    ['-0.001', 's', '1969-12-31T23:59:59.999Z'],
    ['-62135596800', 's', '0001-01-01T00:00:00Z'],
    ['-62135596801', 's', undefined],
    ['-62135596800.000001', 's', undefined],
    ['253402300799.999999', 's', '9999-12-31T23:59:59.999999Z'],
    ['253402300800', 's', undefined],
    ['1E125', 'ms', undefined],
    ['1E-130', 's', undefined],
    ['99999999999999999999999999999999999999', 'us', undefined],
  ])('%s in %s: %s', (n, of, time) => {
    expect(epochTime(n, of)).toBe(time);
  });

  test('the time is the number, and has the form of a timestamp', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(12), unit, (digits, scale, of) => {
        const n = `${digits}E-${scale}`;
        const time = epochTime(n, of);
        if (time === undefined) return;
        expect(textForm(time)).toBe('timestamp');
        const micros = microsOf(time) * PER_SECOND[of];
        expect(numberText(`${micros}E-6`).text).toBe(numberText(n).text);
      }),
      { numRuns: 2000 },
    );
  });

  test('an integer gives the same time by either way', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), unit, (n, of) => {
        expect(integerEpochTime(n, of)).toBe(epochTime(String(n), of));
      }),
      { numRuns: 2000 },
    );
  });
});
