import { expect, test } from '@jest/globals';
import { isValueOf } from '../../../../../src/pipeline/datasets/graph/partition-values.ts';

test.each([
  ['day', '2026-02-28', true],
  ['day', '2026-02-29', false],
  ['day', '2026-13-02', false],
  ['day', '2026-11', false],
  ['month', '2026-11', true],
  ['month', '2026-13', false],
  ['month', '2026-11-01', false],
  ['hour', '2026-11-01-23', true],
  ['hour', '2026-11-01-24', false],
  ['hour', '2026-11-01', false],
  ['all', 'all', true],
  ['all', '2026-11-01', false],
] as const)('a partition by %s can be %s: %s', (unit, value, isValue) => {
  expect(isValueOf(unit, value)).toBe(isValue);
});
