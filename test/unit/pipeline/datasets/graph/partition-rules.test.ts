import { describe, expect, test } from '@jest/globals';
import type { Unit } from '../../../../../src/pipeline/datasets/graph/calendar.ts';
import {
  expectedFrom,
  misfitOfRule,
  partitionsRead,
  ruleOf,
} from '../../../../../src/pipeline/datasets/graph/partition-rules.ts';

const read = (rule: string, value: string, input: Unit) => {
  const range = partitionsRead(ruleOf(rule)!, value, input);
  return range === undefined ? 'all' : `${range.first} ${range.last}`;
};

test.each<[rule: string, value: string, input: Unit, reads: string]>([
  ['same-day', '2024-03-01', 'day', '2024-03-01 2024-03-01'],
  ['previous-day', '2024-03-01', 'day', '2024-02-29 2024-02-29'],
  ['days-of-month', '2024-02', 'day', '2024-02-01 2024-02-29'],
  ['days-of-month', '2023-12', 'day', '2023-12-01 2023-12-31'],
  ['last-7-days', '2024-03-01', 'day', '2024-02-24 2024-03-01'],
  ['last-7-days', '2024-02', 'day', '2024-02-23 2024-02-29'],
  ['same-month', '2024-02-29', 'month', '2024-02 2024-02'],
  ['same-month', '2024-02', 'month', '2024-02 2024-02'],
  ['last-12-months', '2024-02', 'month', '2023-03 2024-02'],
  ['last-1-months', '2024-02-29', 'month', '2024-02 2024-02'],
  ['year-to-date', '2024-03-01', 'day', '2024-01-01 2024-03-01'],
  ['year-to-date', '2024-02', 'day', '2024-01-01 2024-02-29'],
  ['year-to-date', '2024-02', 'month', '2024-01 2024-02'],
  ['year-to-date', '2024-03-01', 'month', '2024-01 2024-03'],
  ['all', '2024-03-01', 'day', 'all'],
])('%s of %s reads of an input by %s: %s', (rule, value, input, reads) => {
  expect(read(rule, value, input)).toBe(reads);
});

test('other texts are not rules', () => {
  expect(['last-0-days', 'last--1-days', 'next-day', 'last-3-weeks', 'SAME-DAY'].map(ruleOf)).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
});

describe('a rule fits', () => {
  const misfit = (rule: string, own?: Unit, input?: Unit) => misfitOfRule(ruleOf(rule)!, own, input);

  test('the units of the dataset and its input', () => {
    expect(misfit('same-day', 'day', 'day')).toBeUndefined();
    expect(misfit('days-of-month', 'month', 'day')).toBeUndefined();
    expect(misfit('last-30-days', 'month', 'day')).toBeUndefined();
    expect(misfit('all')).toBeUndefined();
    expect(misfit('same-day', 'month', 'day')).toBe('a rule for a dataset by month');
    expect(misfit('days-of-month', 'month', 'month')).toBe('a rule for an input by month');
    expect(misfit('same-month', 'day', 'day')).toBe('a rule for an input by day');
    expect(misfit('same-day', 'day')).toBe('all, because the input has no partitions by time');
  });
});

test('a dataset is to have the months of its input’s days', () => {
  const days = { first: '2024-01-15', last: '2024-03-02' };
  expect(expectedFrom(ruleOf('days-of-month')!, days, 'month')).toEqual({
    first: '2024-01',
    last: '2024-03',
  });
  expect(expectedFrom(ruleOf('previous-day')!, days, 'day')).toEqual(days);
  expect(expectedFrom(ruleOf('all')!, days, 'day')).toBeUndefined();
});
