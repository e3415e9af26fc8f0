import { expect, test } from '@jest/globals';
import {
  datePlaceholderProblem,
  datesBetween,
  withDate,
} from '../../../../src/pipeline/keys/date-placeholders.ts';

const AT = Date.parse('2026-03-01T01:30:00Z');

test('a date is filled in, of UTC', () => {
  expect(withDate('day=%Y-%m-%d/%H/100%%/', AT)).toBe('day=2026-03-01/01/100%/');
  expect(withDate('eu/', AT)).toBe('eu/');
});

test('the folders between two times are listed once, the earliest first', () => {
  const from = AT - 48 * 3_600_000;
  expect(datesBetween('day=%Y-%m-%d/', from, AT)).toEqual([
    'day=2026-02-27/',
    'day=2026-02-28/',
    'day=2026-03-01/',
  ]);
  expect(datesBetween('%H/', AT - 5_400_000, AT)).toEqual(['00/', '01/']);
  expect(datesBetween('eu/', from, AT)).toEqual(['eu/']);
});

test('other placeholders are refused', () => {
  expect(datePlaceholderProblem('day=%Y-%m-%d/%H/%%')).toBeUndefined();
  expect(datePlaceholderProblem('day=%y')).toBe(
    'only %Y, %m, %d, %H and, for a percent sign, %% after a %, not "%y"',
  );
  expect(datePlaceholderProblem('50%')).toBe(
    'only %Y, %m, %d, %H and, for a percent sign, %% after a %, not "%"',
  );
});
