import { expect, test } from '@jest/globals';
import { countLive } from '../../../src/workers/live-workers.ts';

const seen = (identity: string, lastSeconds: number) => ({ identity, lastSeconds });

test('a worker counts itself, also before it has polled', () => {
  expect(countLive([], 'me')).toBe(1);
  expect(countLive([seen('other', 1000)], 'me')).toBe(2);
});

test('a process that polls several queues is one worker', () => {
  expect(countLive([seen('me', 1000), seen('me', 990), seen('b', 999), seen('b', 998)], 'me')).toBe(2);
});

test('one that waits out a poll of a minute counts, one that has not polled since does not', () => {
  expect(countLive([seen('me', 1000), seen('waiting', 935), seen('gone', 900)], 'me')).toBe(2);
});
