import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copyWords, endOfPlainText, Pattern, SPARE_BYTES, wordsOf } from '../../../src/transcode/words.ts';

/** Quotes, backslashes, control characters and their neighbours come often. */
const anyByte = fc.oneof(
  fc.nat(255),
  fc.constantFrom(0, 1, 31, 32, 33, 34, 35, 91, 92, 93, 127, 128, 162, 220, 255),
  { weight: 8, arbitrary: fc.integer({ min: 97, max: 122 }) },
);
const someBytes = fc
  .uint8Array({ maxLength: 40 })
  .chain(({ length }) =>
    fc.array(anyByte, { minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes)),
  );
const isEnd = (byte: number) => byte === 34 || byte === 92 || byte < 32;

test('the end of a plain text is its first quote, backslash or control character, wherever that is', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(8), (bytes, at) => {
      const found = bytes.findIndex((byte, i) => i >= at && isEnd(byte));
      const expected = found >= 0 ? found : Math.max(at, bytes.length);
      expect(endOfPlainText(wordsOf(bytes), at)).toBe(expected);
    }),
    { numRuns: 5000 },
  );
});

test('a pattern is found where its bytes are, and nowhere else', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 9 }).map((text) => `${text}":{"`);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (names, wanted) => {
      const text = Buffer.from(`${names.join('"')}${' '.repeat(40)}`, 'utf8');
      const pattern = Buffer.from(wanted, 'utf8');
      for (let at = 0; at < text.length - 40; at++) {
        const expected = text.subarray(at, at + pattern.length).equals(pattern);
        expect(new Pattern(pattern).isAt(wordsOf(text), at)).toBe(expected);
      }
    }),
  );
});

test('bytes are copied whole, and what is overwritten after them is spare', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(5), (bytes, at) => {
      const from = Buffer.concat([bytes, Buffer.alloc(SPARE_BYTES)]);
      const to = Buffer.alloc(at + from.length);
      expect(copyWords(wordsOf(from), 0, bytes.length, wordsOf(to), at)).toBe(at + bytes.length);
      expect(to.subarray(at, at + bytes.length)).toEqual(Buffer.from(bytes));
      expect(to.subarray(0, at)).toEqual(Buffer.alloc(at));
    }),
  );
});
