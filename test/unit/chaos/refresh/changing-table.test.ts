import { describe, expect, test } from '@jest/globals';
import {
  type Change,
  itemOf,
  itemsBefore,
  stateOf,
  statesBetween,
} from '../../../chaos/refresh/changing-table.ts';

const shape = { seed: 3, items: 40, moving: 10 };
const present = Array.from({ length: 10 }, (_, n) => n).find((n) => stateOf(shape, n, 0) === 0) as number;
const absent = Array.from({ length: 10 }, (_, n) => n).find(
  (n) => stateOf(shape, n, 0) === 'absent',
) as number;
const change = (n: number, state: number, fromMs: number, doneMs: number): Change => ({
  n,
  state,
  fromMs,
  doneMs,
});

describe('the states in which a key may have been seen', () => {
  const changes = [change(present, 1, 100, 110), change(present, 2, 200, 210), change(absent, 1, 300, 310)];
  test.each([
    ['before any change', present, 0, 50, [0]],
    ['while a change was under way: the old or the new', present, 105, 106, [0, 1]],
    ['between two changes', present, 150, 160, [1]],
    ['over both changes', present, 50, 250, [0, 1, 2]],
    ['after all of them', present, 250, 900, [2]],
    ['before it was put', absent, 0, 250, ['absent']],
    ['while it was put', absent, 250, 305, ['absent', 1]],
  ] as const)('%s', (_what, n, fromMs, toMs, states) => {
    expect([...statesBetween(shape, changes, n, fromMs, toMs)]).toEqual(states);
  });
});

test('an item follows from seed, key and version; no two versions of a key are alike', () => {
  expect(itemOf(shape, 4, 1)).toEqual(itemOf(shape, 4, 1));
  expect(itemOf(shape, 4, 1)).not.toEqual(itemOf(shape, 4, 2));
  expect(itemOf(shape, 4, 1)).not.toEqual(itemOf({ ...shape, seed: 5 }, 4, 1));
});

test('keys that do not change exist from the beginning', () => {
  const keys = new Set(itemsBefore(shape).map(({ pk }) => JSON.stringify(pk)));
  for (let n = 10; n < 40; n++) expect(keys).toContain(JSON.stringify(itemOf(shape, n, 0).pk));
});
