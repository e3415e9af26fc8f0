import { describe, expect, test } from '@jest/globals';
import {
  countOf,
  endOf,
  isValue,
  later,
  valuesOf,
} from '../../../../../src/pipeline/datasets/graph/calendar.ts';
import {
  type Expectation,
  expectedRange,
  missingOf,
  progressOf,
  window,
} from '../../../../../src/pipeline/datasets/graph/expected.ts';

const at = (time: string, timezone = 'UTC') => ({ ms: Date.parse(time), timezone });

/** The figures are those of Luigi's own tests of RangeDailyBase and RangeMonthly. */
describe('the window of expected partitions', () => {
  const now = at('2017-10-22T12:04:29Z');
  const expectation: Expectation = {
    from: '2011-03-20',
    until: '2025-01-28',
    back: '1095d',
    forward: '1095d',
  };

  test('begins with the first day that begins at most `back` before now, and ends before `forward` after it', () => {
    const range = window('day', expectation, now)!;
    expect(range).toEqual({ first: '2014-10-24', last: '2020-10-21' });
    expect(countOf('day', range)).toBe(2190);
  });

  test('has the first missing days, with their delay and what is complete', () => {
    const inWindow = window('day', expectation, now)!;
    const missing = missingOf('day', inWindow, (day) => day > '2014-10-30');
    expect(missing.slice(0, 4)).toEqual(['2014-10-24', '2014-10-25', '2014-10-26', '2014-10-27']);
    const whole = expectedRange('day', expectation, now)!;
    expect(progressOf('day', whole, missing)).toEqual({ expected: 5064, complete: 5057, delay: 3750 });
    expect(progressOf('day', whole, [])).toEqual({ expected: 5064, complete: 5064, delay: 0 });
  });

  test('of months begins before the current one', () => {
    const months = window('month', { until: '2017-09', back: '4mo' }, at('2017-10-31T00:00:00Z'))!;
    expect(valuesOf('month', months)).toEqual(['2017-06', '2017-07', '2017-08', '2017-09']);
    const before = window(
      'month',
      { until: '2999-01', back: '4mo', forward: '0mo' },
      at('2017-10-31T00:00:00Z'),
    )!;
    expect(valuesOf('month', before)).toEqual(['2017-06', '2017-07', '2017-08', '2017-09']);
  });

  test('at midnight has the day that begins `back` before, and not the one that begins at its end', () => {
    const midnight = at('2017-10-22T00:00:00Z');
    expect(window('day', { until: '2999-01-01', back: '2d', forward: '1d' }, midnight)).toEqual({
      first: '2017-10-20',
      last: '2017-10-22',
    });
  });

  test('is within `from` and `until`', () => {
    const near = { ...expectation, from: '2017-10-20', until: '2017-10-24' };
    expect(window('day', near, now)).toEqual({ first: '2017-10-20', last: '2017-10-24' });
    expect(window('day', { from: '2017-01-01', until: 'yesterday' }, now)).toEqual({
      first: '2017-01-01',
      last: '2017-10-21',
    });
  });
});

describe('days are those of the time zone', () => {
  const berlin = (time: string) =>
    expectedRange('day', { from: '2026-01-01', until: 'yesterday' }, at(time, 'Europe/Berlin'))?.last;

  test('also when one has 23 hours', () => {
    // 2026-03-29 is from 23:00 UTC the day before to 22:00 UTC.
    expect(berlin('2026-03-29T21:59:59Z')).toBe('2026-03-28');
    expect(berlin('2026-03-29T22:00:00Z')).toBe('2026-03-29');
  });

  test('and when one has 25 hours', () => {
    // 2026-10-25 is from 22:00 UTC the day before to 23:00 UTC.
    expect(berlin('2026-10-24T21:59:59Z')).toBe('2026-10-23');
    expect(berlin('2026-10-25T22:59:59Z')).toBe('2026-10-24');
    expect(berlin('2026-10-25T23:00:00Z')).toBe('2026-10-25');
  });

  test('and in a zone that skips midnight', () => {
    // In Beirut, 2026-03-29 begins at 01:00.
    const back = (time: string) =>
      window('day', { until: '2999-01-01', back: '1d' }, at(time, 'Asia/Beirut'))?.first;
    expect(back('2026-03-28T21:59:59Z')).toBe('2026-03-28');
    expect(back('2026-03-28T22:00:00Z')).toBe('2026-03-28');
    expect(back('2026-03-28T22:00:01Z')).toBe('2026-03-29');
  });
});

test('a day ends when the next begins in its zone, a month with its last day', () => {
  const end = (unit: 'day' | 'month', value: string, zone: string) =>
    new Date(endOf(unit, value, zone)).toISOString();
  expect(end('day', '2026-03-29', 'Europe/London')).toBe('2026-03-29T23:00:00.000Z');
  expect(end('day', '2026-10-25', 'Europe/London')).toBe('2026-10-26T00:00:00.000Z');
  expect(end('day', '2026-12-31', 'Pacific/Kiritimati')).toBe('2026-12-31T10:00:00.000Z');
  expect(end('day', '2018-11-03', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z');
  expect(end('month', '2024-02', 'America/New_York')).toBe('2024-03-01T05:00:00.000Z');
});

test('leap days are days', () => {
  expect(valuesOf('day', { first: '2024-02-28', last: '2024-03-01' })).toEqual([
    '2024-02-28',
    '2024-02-29',
    '2024-03-01',
  ]);
  expect(countOf('day', { first: '1900-02-01', last: '1900-03-01' })).toBe(29);
  expect(later('day', '2024-02-29', 365)).toBe('2025-02-28');
  expect([isValue('day', '2024-02-29'), isValue('day', '2023-02-29'), isValue('month', '2023-13')]).toEqual([
    true,
    false,
    false,
  ]);
});
