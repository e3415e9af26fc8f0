import { afterAll, beforeAll } from '@jest/globals';
import { Harness } from './harness.ts';

/**
 * A harness for the tests of a file or a `describe` block. It opens before the first of them. After the last one it
 * closes with its workers, its files and everything passed to `onClose`, even if a test or a hook failed.
 */
export function withHarness(): Harness {
  const harness = new Harness();
  beforeAll(() => harness.open());
  afterAll(() => harness.close());
  return harness;
}
