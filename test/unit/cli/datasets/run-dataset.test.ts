import { expect, test } from '@jest/globals';
import { otherVersion } from '../../../../src/cli/datasets/run-dataset.ts';

test('a worker with another version of the record module is reported', () => {
  expect(otherVersion('abc', 'def')).toEqual([
    'warning: the worker runs version abc of the record module, and this configuration has def. ' +
      'If this is the newer one, restart the workers and run this again.',
  ]);
});

test('the same version, and one that is not known, are not', () => {
  expect(otherVersion('abc', 'abc')).toEqual([]);
  expect(otherVersion(undefined, 'abc')).toEqual([]);
  expect(otherVersion('abc', undefined)).toEqual([]);
});
