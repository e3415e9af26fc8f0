import { expect, test } from '@jest/globals';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';

const withKey = (key: string) => dependenciesFromEnvironment({ TRIBUTARY_HASH_KEY: key }).hashKey;

test('a worker with a key that can be guessed does not start, so it takes no work from the others', () => {
  expect(() => withKey('short')).toThrow(
    expect.objectContaining({
      code: 'BadEnvironment',
      message: expect.stringContaining('TRIBUTARY_HASH_KEY has 5 characters'),
    }),
  );
  expect(withKey('k'.repeat(32))).toBe('k'.repeat(32));
  expect(withKey('')).toBeUndefined();
});
