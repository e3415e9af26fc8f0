import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planBatches } from '../../../../../src/pipeline/datasets/intake/plan-batches.ts';

const file = (key: string, bytes: number) => ({
  key,
  etag: `e-${key}`,
  bytes,
  modified: '2026-11-01T00:00:00.000Z',
});

test('every file is in one batch, in the order of keys, and no batch exceeds the limits unless it has one file', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 40, maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 120 }),
      (keys, sizes, maxFiles, maxBytes) => {
        const files = keys.map((key, index) => file(key, sizes[index]!));
        const batches = planBatches(files, { maxFiles, maxBytes });
        expect(batches.flat()).toEqual(planBatches(files.toReversed(), { maxFiles, maxBytes }).flat());
        expect(
          batches
            .flat()
            .map(({ key }) => key)
            .toSorted(),
        ).toEqual(keys.toSorted());
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(maxFiles);
          const bytes = batch.reduce((sum, each) => sum + each.bytes, 0);
          expect(batch.length === 1 || bytes <= maxBytes).toBe(true);
        }
      },
    ),
  );
});
