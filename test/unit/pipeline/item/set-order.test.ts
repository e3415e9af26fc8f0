import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareUtf8, membersInOrder } from '../../../../src/pipeline/item/set-order.ts';

test('strings are ordered by their UTF-8 bytes', () => {
  expect(membersInOrder('SS', ['\u{1f600}', '\uffee', 'b', 'a', 'aa'])).toEqual(
    ['a', 'aa', 'b', '\uffee', '\u{1f600}'].map((S) => ({ S })),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000 },
  );
});

test('numbers are ordered by value, binary by bytes', () => {
  expect(membersInOrder('NS', ['10', '9', '-1', '1E1000'])).toEqual(
    ['-1', '9', '10', '1E1000'].map((N) => ({ N })),
  );
  expect(membersInOrder('BS', ['/w==', 'AA==', 'AAE='])).toEqual(
    ['AA==', 'AAE=', '/w=='].map((B) => ({ B })),
  );
});

test('a set makes the same rows in whatever order it arrives', () => {
  const numbers = fc.uniqueArray(fc.integer().map(String), { maxLength: 8 });
  fc.assert(
    fc.property(numbers, (members) => {
      expect(membersInOrder('NS', members.toReversed())).toEqual(membersInOrder('NS', members));
    }),
  );
});
