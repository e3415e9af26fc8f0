import { describe, expect, test } from '@jest/globals';
import { divisions, SLICES, slicesOf, wholeFrom } from '../../../../src/pipeline/estimate/slices.ts';

describe('slices of a table', () => {
  test.each([1, 4, 100, 2000])('are finer than the %d segments of a run, the finest first', (segments) => {
    const all = divisions(segments);
    expect(all[0]).toBe(1_000_000);
    expect(all.at(-1)).toBeGreaterThan(Math.max(SLICES, segments));
    expect(all).toEqual([...all].sort((a, b) => b - a));
  });

  test.each([1_000_000, 976, 17])(
    'of %d segments are different ones, from all over the table',
    (division) => {
      const slices = slicesOf(division);
      expect(new Set(slices).size).toBe(SLICES);
      expect(slices[0]).toBeLessThan(division / SLICES);
      expect(slices.at(-1)).toBeGreaterThanOrEqual(Math.floor(division * (1 - 1 / SLICES)));
      expect(slices.at(-1)).toBeLessThan(division);
    },
  );

  test('stand for the rest', () => {
    expect(wholeFrom(1600, { items: 40, bytes: 4000 })).toEqual({ items: 4000, bytes: 400_000 });
  });
});
