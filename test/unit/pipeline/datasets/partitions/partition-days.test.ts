import { describe, expect, test } from '@jest/globals';
import { dayOf, isWithin } from '../../../../../src/pipeline/datasets/partitions/partition-days.ts';

describe('the day of a partition', () => {
  test.each([
    ['record_date=2026-11-01', '2026-11-01'],
    ['record_hour=2026-11-01-13', '2026-11-01'],
    ['year=2026/month=11/day=01', '2026-11-01'],
    ['year=2026/month=11/day=01/hour=23', '2026-11-01'],
    ['client=web', undefined],
  ])('%s', (partition, day) => {
    expect(dayOf(partition)).toBe(day);
  });

  test('is within a range that has it as its first or last', () => {
    const within = (from: string, to: string) => isWithin('record_date=2026-11-02', { from, to });
    expect([within('2026-11-02', '2026-11-02'), within('2026-11-03', '2026-11-04')]).toEqual([true, false]);
    expect([within('2026-11-01', '2026-11-01'), isWithin('client=web', undefined)]).toEqual([false, true]);
  });
});
