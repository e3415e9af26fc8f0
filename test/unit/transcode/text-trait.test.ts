import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Trait } from '../../../src/pipeline/seen/tally.ts';
import { textForm } from '../../../src/pipeline/seen/text-form.ts';
import { textTrait } from '../../../src/transcode/text-trait.ts';

const day = fc
  .tuple(fc.constantFrom('2024', '2023', '1900', '0000', '0001', '9999'), fc.nat(13), fc.nat(32))
  .map(([year, month, date]) => `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`);
const twoDigits = fc.constantFrom('00', '09', '23', '24', '59', '60', '99');
const time = fc
  .tuple(twoDigits, twoDigits, twoDigits, fc.constantFrom('', '.', '.1', '.123', '.123456', '.1234567'))
  .map(([hours, minutes, seconds, fraction]) => `T${hours}:${minutes}:${seconds}${fraction}Z`);
const nearlyTime = fc.tuple(day, time).map((parts) => parts.join(''));
/** One character of a time is another one, which may look like a digit to careless arithmetic. */
const damaged = fc
  .tuple(fc.oneof(day, nearlyTime), fc.nat(27), fc.constantFrom('/', ':', ' ', '-', 'a', '\u007f', '5'))
  .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1));

test('bytes have the form that their text has', () => {
  fc.assert(
    fc.property(fc.oneof(day, nearlyTime, damaged), (text) => {
      const bytes = Buffer.from(text, 'utf8');
      expect(textTrait(bytes, 0, bytes.length)).toBe(Trait[textForm(text)]);
    }),
    { numRuns: 5000 },
  );
});
