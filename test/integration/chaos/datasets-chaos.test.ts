import { describe, expect, test } from '@jest/globals';
import { datasets } from '../../chaos/datasets/running-datasets.ts';
import { withChaosStack } from './with-chaos-stack.ts';

/** One of the seeds of `npm run chaos -- --system datasets`. */
const SEEDS = [1];
/** A pointer arrives after a newer one, in a fixed order: without conditional puts it must do harm. */
const UNGUARDED = [3];

describe('a dataset while workers die and S3 fails', () => {
  const outcomeOf = withChaosStack(datasets, 380);

  test.concurrent.each(SEEDS)(
    'keeps every promise: seed %i',
    async (seed) => {
      const { broken, injected } = await outcomeOf(seed);
      expect(broken).toEqual([]);
      expect(Object.keys(injected)).toContainEqual(
        expect.stringMatching(/^late pointer after (?:(?!did not happen).)*$/),
      );
    },
    400_000,
  );

  test.concurrent.each(UNGUARDED)(
    'would break one without conditional puts: seed %i',
    async (seed) => {
      const { broken } = await outcomeOf(seed, true);
      expect(broken).toContainEqual(expect.stringMatching(/the row \S+ rival-900 900 is there 0 times/));
    },
    400_000,
  );
});
