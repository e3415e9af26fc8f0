import { describe, expect, test } from '@jest/globals';
import { changes } from '../../chaos/changes/running-changes.ts';
import { withChaosStack } from './with-chaos-stack.ts';

/** One of the seeds of `npm run chaos -- --system changes`. */
const SEEDS = [179];
/** A late apply: in a fixed order, so it must fail without guards and conditions. */
const UNGUARDED = [179];

describe('changes that are followed and applied while workers die and services fail', () => {
  const outcomeOf = withChaosStack(changes, 540);

  test.concurrent.each(SEEDS)('keep every promise: seed %i', async (seed) => {
    const { broken, injected } = await outcomeOf(seed);
    expect(broken).toEqual([]);
    expect(Object.keys(injected)).toContainEqual(
      expect.stringMatching(/^late (?:checkpoint|apply|swap) by (?:(?!did not happen).)*$/),
    );
  });

  test.concurrent.each(UNGUARDED)('would break one without guards and conditions: seed %i', async (seed) => {
    const { broken } = await outcomeOf(seed, true);
    expect(broken).toContainEqual(expect.stringMatching(/the log has \d+ changes of|went back from/));
  });
});
