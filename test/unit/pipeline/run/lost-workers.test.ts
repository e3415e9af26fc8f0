import { expect, test } from '@jest/globals';
import { lossesAfter, lossesAtStart, type WorkerLosses } from '../../../../src/pipeline/run/lost-workers.ts';

const DAY = 86_400;

/** The heartbeat with which an attempt ended, however it ended. */
const lastOf = (attempt: number, rest: Partial<WorkerLosses> = {}): WorkerLosses => ({
  attempt,
  seconds: 40,
  reached: 7,
  lost: 0,
  ...rest,
});

test('an attempt that fell silent lost its worker', () => {
  expect(lossesAtStart(lastOf(1), 2, DAY).lost).toBe(1);
  expect(lossesAtStart(lastOf(4, { lost: 3 }), 5, DAY)).toEqual({
    attempt: 5,
    seconds: 0,
    reached: 7,
    lost: 4,
  });
});

test('an attempt that failed, or whose worker was shutting down, lost no worker, and clears nothing', () => {
  expect(lossesAtStart(lastOf(4, { lost: 3, ends: true }), 5, DAY).lost).toBe(3);
});

test('an attempt that ended before its first heartbeat is not counted, because nothing is known of it', () => {
  expect(lossesAtStart(lastOf(3, { lost: 2 }), 5, DAY).lost).toBe(2);
});

test('an attempt that Temporal ended at its time limit lost no worker', () => {
  expect(lossesAtStart(lastOf(1, { seconds: 895 }), 2, 900).lost).toBe(0);
});

test('the count starts again when an operator resets the activity or retries the child', () => {
  expect(lossesAtStart(lastOf(5, { lost: 4 }), 1, DAY)).toMatchObject({ lost: 0, reached: 0 });
  expect(lossesAtStart(undefined, 1, DAY)).toMatchObject({ lost: 0, reached: 0 });
});

test('any progress clears the count; the same place or an earlier one is no progress', () => {
  const losses = lossesAtStart(lastOf(4, { lost: 3 }), 5, DAY);
  expect(lossesAfter(losses, 7).lost).toBe(4);
  expect(lossesAfter(losses, 3)).toMatchObject({ reached: 7, lost: 4 });
  expect(lossesAfter(losses, 8)).toMatchObject({ reached: 8, lost: 0 });
});
