import { expect, test } from '@jest/globals';
import { keptPublications } from '../../../../../src/pipeline/datasets/derived/kept-publications.ts';

const DAY = 86_400_000;
const published = (...days: number[]) =>
  days.map((day, index) => ({ number: index + 1, publishedMs: day * DAY }));
const kept = (days: readonly number[], now: number, isCurrent = true) =>
  keptPublications(published(...days).toReversed(), { keepMs: 30 * DAY, nowMs: now * DAY, isCurrent });

test('a publication is kept until `keep` after the next one; the latest as long as it is that', () => {
  // In force from day 0 to day 100.
  expect(kept([0, 100], 130)).toEqual([1, 2]);
  expect(kept([0, 100], 131)).toEqual([2]);
  expect(kept([0, 1, 100], 120)).toEqual([2, 3]);
  expect(kept([0], 10_000)).toEqual([1]);
});

test('a group that is no longer configured keeps its publications for their time', () => {
  expect(kept([0, 100], 130, false)).toEqual([1, 2]);
  expect(kept([0, 100], 131, false)).toEqual([]);
});
