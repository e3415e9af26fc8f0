import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecordSet } from '../../../../../src/pipeline/datasets/partitions/record-set.ts';

function setOf(places: readonly number[]): string {
  const set = new RecordSet();
  for (const place of places) set.add(place);
  return String(set);
}

describe('a set of records', () => {
  test('is the same in any order, and differs by one record', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.nat(), (places, other) => {
        expect(setOf(places.toReversed())).toBe(setOf(places));
        expect(setOf(places.slice(1))).not.toBe(setOf(places));
        fc.pre(!places.includes(other));
        expect(setOf([other, ...places.slice(1)])).not.toBe(setOf(places));
      }),
    );
  });

  test('differs although the numbers of records are the same', () => {
    expect(setOf([0, 3])).not.toBe(setOf([1, 2]));
    expect(setOf([])).toBe('0-0000000000000000');
  });
});
