import { expect, test } from '@jest/globals';
import { segmentCount } from '../../../src/activities/run/plan-run.ts';

const MB = 1024 * 1024;

test.each([
  [0, 4],
  [256 * MB, 4],
  [4 * 256 * MB + 1, 8],
  [32 * 256 * MB, 32],
  [33 * 256 * MB, 48],
  [1_000_000 * MB, 1024],
])(
  'a table of %d bytes has %d segments: a multiple of the slices that Redshift’s nodes have',
  (bytes, segments) => {
    expect(segmentCount('auto', { approximateBytes: bytes })).toBe(segments);
  },
);

test('a number in the definition is taken as it is', () => {
  expect(segmentCount(7, { approximateBytes: 0 })).toBe(7);
});
