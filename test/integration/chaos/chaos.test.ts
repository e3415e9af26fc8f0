import { describe, expect, test } from '@jest/globals';
import { refresh } from '../../chaos/refresh/running-refresh.ts';
import { withChaosStack } from './with-chaos-stack.ts';

/** A few of the seeds of `npm run chaos`. Together they have a late write of every kind. */
const SEEDS = [1, 4, 5, 8, 11, 18, 26, 30, 35, 53, 55, 59];
/** Without guards and conditional puts each of these must fail: late writes arrive in a fixed order. */
const UNGUARDED = [1, 4, 5, 8, 11, 59];

describe('a refresh of a changing table while workers die and services fail', () => {
  const outcomeOf = withChaosStack(refresh, 540);

  test.concurrent.each(SEEDS)('keeps every promise: seed %i', async (seed) => {
    expect((await outcomeOf(seed)).broken).toEqual([]);
  });

  test.concurrent.each(UNGUARDED)(
    'would break one without guards and conditional puts: seed %i',
    async (seed) => {
      const { broken, injected } = await outcomeOf(seed, true);
      expect(Object.keys(injected)).toContainEqual(expect.stringMatching(/^late (load|checkpoint after)/));
      expect(broken).toContainEqual(
        expect.stringMatching(/appears twice|does not hold what was extracted|is absent|cannot be sealed/),
      );
    },
  );
});
