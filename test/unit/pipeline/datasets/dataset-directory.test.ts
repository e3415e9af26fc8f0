import { expect, test } from '@jest/globals';
import {
  beforeIntake,
  folderOfTaken,
  intakeOf,
  intakePlanKey,
  takenKey,
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

test('the index of a folder has a key that S3 takes, however long the folder is', () => {
  const at = { prefix: 'p'.repeat(300) };
  for (const folder of ['', 'a/b', '2026/11/01', 'x'.repeat(1000), 'ü😀/'.repeat(140)]) {
    const key = takenKey(at, folder);
    expect(Buffer.byteLength(key)).toBeLessThan(1024);
    expect(key.isWellFormed()).toBe(true);
    // As a listing of the index names it.
    expect(takenKey(at, folderOfTaken(at, key) ?? '')).toBe(key);
  }
  expect(folderOfTaken(at, takenKey(at, 'a/b'))).toBe('a/b');
});
