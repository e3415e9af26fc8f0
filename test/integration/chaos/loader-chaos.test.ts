import { describe, expect, test } from '@jest/globals';
import { loader } from '../../chaos/loader/running-loader.ts';
import { withChaosStack } from './with-chaos-stack.ts';

/** A few of the seeds of `npm run chaos -- --system loader`. */
const SEEDS = [1, 8];
/** A late claim, an overlapping merge and a late load: in a fixed order, so each must fail without guards and conditions. */
const UNGUARDED = [7, 9, 53];

describe('a loader of files that arrive while workers die and services fail', () => {
  const outcomeOf = withChaosStack(loader, 540);

  test.concurrent.each(SEEDS)('keeps every promise: seed %i', async (seed) => {
    const { broken, injected } = await outcomeOf(seed);
    expect(broken).toEqual([]);
    expect(Object.keys(injected)).toContainEqual(
      expect.stringMatching(/^late (?:load|overlapping load|claim|copy)$/),
    );
  });

  test.concurrent.each(UNGUARDED)('would break one without guards and conditions: seed %i', async (seed) => {
    const { broken, injected } = await outcomeOf(seed, true);
    const harm = expect.arrayContaining([expect.stringMatching(/more than once|was forgotten/)]);
    // What was injected tells why a schedule did no harm.
    expect({ broken, injected }).toEqual({ broken: harm, injected });
  });
});
