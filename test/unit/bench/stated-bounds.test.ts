import { describe, expect, test } from '@jest/globals';
import type { BoundsResult } from '../../../bench/datasets/bounds.ts';
import { boundsText } from '../../../bench/datasets/report.ts';
import { exceeded, statedBounds } from '../../../bench/datasets/stated-bounds.ts';

const MEBIBYTE = 1024 * 1024;
const partitions = [
  { name: 'today', bytes: 400 * MEBIBYTE },
  { name: 'late', bytes: 1000 },
];
const bounds = statedBounds({ partitions }, (name) => (name === 'today' ? 30 : 3));
const result: BoundsResult = {
  ...{ rows: 7, partitions, bounds, seconds: 1, cpuSeconds: 1 },
  ...{ generations: 33, dataFiles: 213, dataBytes: bounds.dataBytes },
  peaks: { own: 1, child: 1, children: 1, together: 2 },
};

describe('the bounds of what runs write', () => {
  test('are those of each partition, by its size', () => {
    expect(bounds).toEqual({
      generations: 30 + 3,
      dataFiles: 30 * 7 + 3,
      dataBytes: 30 * 400 * MEBIBYTE + 3 * 1000,
    });
    expect(exceeded(result, bounds)).toEqual([]);
  });

  test.each(['generations', 'dataFiles', 'dataBytes'] as const)('one more of %s is reported', (key) => {
    const more = { ...result, [key]: result[key] + 1 };
    expect(exceeded(more, bounds)).toEqual([
      `${key}: ${result[key] + 1}, and docs/datasets.md states at most ${result[key]}.`,
    ]);
    expect(boundsText('Runs', more)).toContain(`EXCEEDED: ${key}`);
  });
});
