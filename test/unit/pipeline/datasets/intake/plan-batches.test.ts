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

test('files of a run are divided into about 16 batches, of about 64 MB or more, up to the limit', () => {
  const planned = (count: number, megabytes: number) =>
    planBatches(
      Array.from({ length: count }, (_, index) => file(String(index).padStart(5, '0'), megabytes * 1e6)),
      { maxFiles: 500, maxBytes: 1024e6 },
    ).map((batch) => batch.length);
  // 60 MB: one batch. 640 MB: ten of 64 MB. 3.2 GB: 16 of 200 MB. 32 GB: of 1,000 MB.
  expect(planned(6, 10)).toEqual([6]);
  expect(planned(320, 2)).toEqual(Array.from({ length: 10 }, () => 32));
  expect(planned(320, 10)).toEqual(Array.from({ length: 16 }, () => 20));
  expect(planned(320, 100)).toEqual(Array.from({ length: 32 }, () => 10));
});
