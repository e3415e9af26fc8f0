import { describe, expect, test } from '@jest/globals';
import { planPruning, type RunFacts, refersTo, timeInName } from '../../../../src/pipeline/run/prune-plan.ts';

/** Runs `r1`, `r2`, … planned a day after each other, all of which replaced live. */
const runs = (...changes: Partial<RunFacts>[]): RunFacts[] =>
  changes.map((changed, i) => ({
    run: `r${i + 1}`,
    plannedAt: `2026-11-0${i + 1}T00:00:00.000Z`,
    replaced: true,
    inWarehouse: false,
    open: false,
    refersTo: [],
    ...changed,
  }));
const removed = (facts: RunFacts[], keep: number) => planPruning(facts, keep).remove;

describe('pruning', () => {
  test('keeps the newest successful runs, and reports why each of the others stays', () => {
    expect(planPruning(runs({}, {}, {}, {}), 2)).toEqual({
      remove: ['r1', 'r2'],
      keep: ['r3', 'r4'].map((run) => ({
        run,
        why: 'it is not older than the newest 2 successful runs',
      })),
    });
  });

  test('does not count runs that failed, and removes those that are older', () => {
    const failed = { replaced: false };
    expect(removed(runs({}, failed, {}, failed, {}, failed), 2)).toEqual(['r1', 'r2']);
  });

  test('removes nothing while there are fewer successful runs than are to be kept', () => {
    expect(removed(runs({}, { replaced: false }, {}), 3)).toEqual([]);
    expect(removed(runs({}, {}), 0)).toEqual([]);
  });

  test('never removes a run that is open, in the warehouse, or of unknown age', () => {
    const facts = runs({ open: true }, { inWarehouse: true }, { plannedAt: undefined }, {}, {});
    expect(removed(facts, 1)).toEqual(['r4']);
  });

  test('takes the age of a run without a plan from its name', () => {
    expect(timeInName('20261121t064617z_1f0c22')).toBe('2026-11-21T06:46:17.000Z');
    for (const name of ['first', '20261399t996617z_1f0c22', '20261121t064617z'])
      expect(timeInName(name)).toBeUndefined();
  });

  test('never removes a run that a kept run refers to, directly or indirectly', () => {
    const facts = runs({}, { refersTo: ['r1'] }, {}, { refersTo: ['r2', 'gone'] });
    expect(planPruning(facts, 1)).toMatchObject({
      remove: ['r3'],
      keep: [{ run: 'r1', why: 'run r2 refers to it' }, { run: 'r2', why: 'run r4 refers to it' }, {}],
    });
    expect(removed(runs({}, { refersTo: ['r1'] }, {}), 1)).toEqual(['r1', 'r2']);
  });
});

test.each([
  [undefined, []],
  [{}, []],
  [{ refersTo: 'a' }, ['a']],
  [{ refersTo: ['a', 'b', 'a'] }, ['a', 'b']],
  [{ refersTo: [{ run: 'a', rejects: true }] }, ['a']],
])('runs that %j refers to', (document, expected) => {
  expect(refersTo(document)).toEqual(expected);
});
