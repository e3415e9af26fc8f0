import { describe, expect, test } from '@jest/globals';
import { PHASES } from '../../../../src/contract/refresh.ts';
import type { OnStaging } from '../../../../src/contract/refresh-activities.ts';
import { runInstead } from '../../../../src/workflows/refresh/runs-in-turn.ts';

const on = { ref: { pipeline: 'orders', run: 'nightly' }, stagingSchema: 'orders__nightly_1' } as OnStaging;

describe('the run that takes the place of one whose columns changes do not fit', () => {
  test('has its input, all phases, and the part files of that run', () => {
    const input = { pipeline: 'orders', from: 'load', run: 'nightly', acceptDrift: true } as const;
    const next = runInstead({ input, wanted: ['load'], nth: 1, resumedBy: undefined }, on, 'a text');
    expect(next).toMatchObject({ wanted: PHASES, nth: 2 });
    expect(next.input).toEqual({
      pipeline: 'orders',
      acceptDrift: true,
      run: 'nightly_w2',
      reuse: 'nightly',
    });
    expect(next.origin).toContain('a text');
  });

  test('is refused after five runs in a row', () => {
    const turn = { input: { pipeline: 'orders' }, wanted: PHASES, nth: 5 };
    expect(() => runInstead(turn, on, 'a text')).toThrow(/5 times in a row.*orders__nightly_1: a text/);
  });
});
