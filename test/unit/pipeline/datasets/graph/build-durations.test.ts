import { expect, test } from '@jest/globals';
import { buildDurations } from '../../../../../src/pipeline/datasets/graph/build-durations.ts';

const published = (...took: readonly (number | undefined)[]) =>
  new Map(
    took.map((each, index) => [
      `2026-11-${String(index + 1).padStart(2, '0')}`,
      // The first was built last.
      { publishedAt: `2026-12-01T00:00:${59 - index}.000Z`, ...(each === undefined ? {} : { took: each }) },
    ]),
  );

test('durations are the median, the last build and the longest, of those that were measured', () => {
  expect(buildDurations(published(10, 30, undefined, 50, 20))).toMatchObject({
    ...{ median: 20, last: { partition: '2026-11-01', took: 10 } },
    longest: { partition: '2026-11-04', took: 50 },
  });
  expect(buildDurations(published(undefined))).toBeUndefined();
  expect(buildDurations(new Map())).toBeUndefined();
});
