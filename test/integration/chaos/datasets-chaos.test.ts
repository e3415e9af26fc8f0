import { describe, expect, test } from '@jest/globals';
import { datasets } from '../../chaos/datasets/running-datasets.ts';
import { deaths, graphs } from '../../chaos/graphs/running-graph.ts';
import { withChaosStack } from './with-chaos-stack.ts';

/** One of the seeds of `npm run chaos -- --system datasets`. */
const SEEDS = [1];
/** A pointer arrives after a newer one, in a fixed order: without conditional puts it must do harm. */
const UNGUARDED = [3];

/** One of the seeds of `npm run chaos -- --system graphs`. */
const GRAPHS = [1];
/** Of `--system deaths`: the pointer of a month is written, and not answered. */
const DEATHS = [112];

describe('datasets while workers die and services fail', () => {
  const outcomeOf = withChaosStack(datasets, 540);

  test.concurrent.each(SEEDS)('keeps every promise: seed %i', async (seed) => {
    const { broken, injected } = await outcomeOf(seed);
    expect(broken).toEqual([]);
    expect(Object.keys(injected)).toContainEqual(
      expect.stringMatching(/^late pointer after (?:(?!did not happen).)*$/),
    );
  });

  test.concurrent.each(UNGUARDED)('would break one without conditional puts: seed %i', async (seed) => {
    const { broken } = await outcomeOf(seed, true);
    expect(broken).toContainEqual(expect.stringMatching(/the row \S+ rival-900 900 is there 0 times/));
  });

  test.concurrent.each(GRAPHS)('reports keep every promise, too: seed %i', async (seed) => {
    expect((await outcomeOf(seed, false, graphs)).broken).toEqual([]);
  });

  test.concurrent.each(DEATHS)(
    'a death at a write leaves the reports as they would be without: seed %i',
    async (seed) => {
      const { broken, injected } = await outcomeOf(seed, false, deaths);
      expect(broken).toEqual([]);
      expect(injected).toMatchObject({ kill: 1 });
    },
  );
});
