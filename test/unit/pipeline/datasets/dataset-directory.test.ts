import { expect, test } from '@jest/globals';
import {
  beforeIntake,
  intakeOf,
  intakePlanKey,
} from '../../../../src/pipeline/datasets/dataset-directory.ts';

test('keys of intakes are in the order of their numbers, however many there are', () => {
  const at = { prefix: 'lake' };
  const numbers = [1, 9, 10, 999_999, 1_000_000, 9_999_999, 10_000_000, 123_456_789];
  const keys = numbers.map((number) => intakePlanKey(at, number));
  expect(keys.toSorted()).toEqual(keys);
  expect(keys.map((key) => intakeOf(at, key))).toEqual(numbers);
  expect(keys.filter((key) => key > beforeIntake(at, 1_000_000)).map((key) => intakeOf(at, key))).toEqual(
    numbers.slice(4),
  );
  expect(intakeOf(at, 'lake/_tributary/intake/open.json')).toBeUndefined();
});
