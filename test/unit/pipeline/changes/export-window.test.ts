import { describe, expect, test } from '@jest/globals';
import {
  firstStart,
  nextWindow,
  windowShard,
  windowStart,
} from '../../../../src/pipeline/changes/export-window.ts';
import { windowToken } from '../../../../src/pipeline/changes/window-token.ts';

const EVERY = 900;
const DAY = 24 * 3600;
const restorable = (latest: number, earliest = 0) => ({ earliest, latest });

describe('a window', () => {
  test('waits until all of it can be exported', () => {
    expect(nextWindow(1000, EVERY, restorable(1899.9))).toEqual({ early: true, at: 1900 });
    expect(nextWindow(1000, EVERY, restorable(1900.2))).toEqual({ from: 1000, to: 1900 });
  });

  test('grows after an outage, to at most a day', () => {
    expect(nextWindow(1000, EVERY, restorable(9000))).toEqual({ from: 1000, to: 9000 });
    expect(nextWindow(1000, EVERY, restorable(1000 + 3 * DAY))).toEqual({ from: 1000, to: 1000 + DAY });
  });

  test('ends where recovery began if that was after its start: it cannot be exported', () => {
    expect(nextWindow(1000, EVERY, restorable(9000, 1000.5))).toEqual({ from: 1000, to: 1001 });
    expect(nextWindow(1000, EVERY, restorable(9000 + 3 * DAY, 1000 + 2 * DAY))).toEqual({
      from: 1000,
      to: 1000 + 2 * DAY,
    });
    expect(nextWindow(1000, EVERY, restorable(9000, 1000))).toEqual({ from: 1000, to: 9000 });
  });

  test('is the first one from the latest time as of which the table can be exported', () => {
    expect(firstStart(restorable(1900.9, 1000))).toBe(1900);
    expect(firstStart(restorable(1900.9, 1900.9))).toBe(1901);
  });

  test('begins where the one before it ended, whatever the clock does', () => {
    let from = 0;
    const ends = [];
    for (const latest of [950, 900.5, 5000, 4000, 4000 + 2 * DAY, 4000 + 2 * DAY]) {
      const window = nextWindow(from, EVERY, restorable(latest));
      if ('early' in window) continue;
      expect(window.from).toBe(from);
      expect(window.to - window.from).toBeGreaterThanOrEqual(EVERY);
      from = window.to;
      ends.push(from);
    }
    expect(ends).toEqual([950, 5000, 5000 + DAY, 4000 + 2 * DAY]);
  });

  test('is a shard whose id sorts by time, and each try of it has a token of its own', () => {
    const ids = [900, 1800, 12_000].map(windowShard);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.map(windowStart)).toEqual([900, 1800, 12_000]);
    expect(windowStart('shardId-00000001796034566190-9f21ea8b')).toBeUndefined();
    const window = { from: 900, to: 1800 };
    const tokens = [1, 2].map((nth) => windowToken('e', window, nth));
    expect(new Set([...tokens, windowToken('f', window, 1)]).size).toBe(3);
    expect(windowToken('e', window, 2)).toBe(tokens[1]);
  });
});
