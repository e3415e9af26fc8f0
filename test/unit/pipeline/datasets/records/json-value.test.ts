import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseJson, WrittenNumber } from '../../../../../src/pipeline/datasets/records/json-value.ts';
import { numberText } from '../../../../../src/pipeline/item/number.ts';

const digits = (least: number, most: number) =>
  fc.stringMatching(new RegExp(`^[1-9]\\d{${least - 1},${most - 1}}$`), { size: 'max' });
/** As JSON may write a number, with what it is: a JavaScript number only if that has the same digits. */
const written = fc.oneof(
  digits(1, 15).map((text) => [text, Number(text)] as const),
  digits(1, 15).map((text) => [`-${text}`, -Number(text)] as const),
  digits(18, 40).map(
    (text) => [text, BigInt(Number(text)) === BigInt(text) ? Number(text) : BigInt(text)] as const,
  ),
  fc.integer({ min: 1, max: 999 }).map((n) => [`0.${n}`, n / 10 ** String(n).length] as const),
  fc.integer({ min: 1, max: 9 }).map((n) => [`${n}e2`, n * 100] as const),
  fc.constant(['0.12345678901234567891', new WrittenNumber('0.12345678901234567891')] as const),
);
const blank = fc.constantFrom('', ' ', '\n\t', '\r\n');
const text = fc.string().map((value) => [JSON.stringify(value), value] as const);

test('numbers are exact wherever they are, also beside texts that look like numbers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(written, text, fc.constant(['":1.5,[2e3"', ':1.5,[2e3'] as const)), blank)),
      (values) => {
        const list = values.map(([[json], space]) => `${space}${json}${space}`).join(',');
        const expected = values.map(([[, value]]) => value);
        const same = (found: unknown, want: unknown) =>
          expect(Array.isArray(found) ? found.map(shown) : found).toEqual((want as unknown[]).map(shown));
        same(parseJson(`[${list}]`), expected);
        const fields = values.map(([[json], space], i) => `"f${i}":${space}${json}`).join(`,`);
        same(Object.values(parseJson(`{${fields}}`) as object), expected);
      },
    ),
  );
});

/** Large integers may be numbers or bigints, as long as their digits are the same. */
const shown = (value: unknown) => (typeof value === 'string' ? ['text', value] : digitsOf(value));
const digitsOf = (value: unknown) =>
  typeof value === 'number' ? numberText(String(value)).text : String(value);
