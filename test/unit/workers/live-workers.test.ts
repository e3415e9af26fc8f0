import { expect, test } from '@jest/globals';
import { countLive } from '../../../src/workers/live-workers.ts';

const seen = (identity: string, lastSeconds: number) => ({ identity, lastSeconds });

test('a worker counts itself even before it has polled', () => {
  expect(countLive([], 'me')).toBe(1);
  expect(countLive([seen('other', 1000)], 'me')).toBe(2);
});

test('a process that polls several queues is one worker', () => {
  expect(countLive([seen('me', 1000), seen('me', 990), seen('b', 999), seen('b', 998)], 'me')).toBe(2);
});

test('a worker counts during a poll of a minute, but not if it has not polled since', () => {
  expect(countLive([seen('me', 1000), seen('waiting', 935), seen('gone', 900)], 'me')).toBe(2);
});
