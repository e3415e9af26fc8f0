import { expect, test } from '@jest/globals';
import { otherVersion } from '../../../../src/cli/datasets/worker-versions.ts';

test('a worker with another version of the record module is reported', () => {
  expect(otherVersion('rides', 'abc', 'def')).toBe(
    'warning: the worker runs version abc of the record module of rides, and this configuration has def. ' +
      'If this is the newer one, restart the workers and run this again.',
  );
});

test('the same version, and one that is not known here, are not', () => {
  expect(otherVersion('rides', 'abc', 'abc')).toBeUndefined();
  expect(otherVersion('rides', 'abc', undefined)).toBeUndefined();
});
