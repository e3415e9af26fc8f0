import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sampledParts } from '../../../../src/pipeline/seen/sample.ts';
import { shareOf } from '../../../../src/pipeline/seen/share.ts';

describe('a sample', () => {
  test.each([
    ['5%', 0.05],
    ['0.5 %', 0.005],
    ['100%', 1],
    ['0%', undefined],
    ['101%', undefined],
    ['5', undefined],
    ['some', undefined],
  ])('%s is %s', (text, share) => {
    expect(shareOf(text)).toBe(share);
  });

  test('reads parts spread over the whole segment', () => {
    expect(sampledParts(0.05, 4, 0)).toEqual({ parts: 100, read: [0, 20, 40, 60, 80] });
    expect(sampledParts(0.05, 4, 0.99).read).toEqual([19, 39, 59, 79, 99]);
    expect(sampledParts(1, 4, 0.5)).toEqual({ parts: 1, read: [0] });
  });

  test('reads its share in different parts, and never more segments than DynamoDB has', () => {
    const share = fc.double({ min: 0.0001, max: 1, noNaN: true });
    const offset = fc.double({ min: 0, max: 0.999999, noNaN: true });
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 2000 }), offset, (wanted, segments, shift) => {
        const { parts, read } = sampledParts(wanted, segments, shift);
        expect(parts * segments).toBeLessThanOrEqual(1_000_000);
        expect(new Set(read).size).toBe(read.length);
        expect(Math.max(...read)).toBeLessThan(parts);
        expect(read.length).toBe(Math.max(1, Math.round(parts * wanted)));
      }),
    );
  });
});
