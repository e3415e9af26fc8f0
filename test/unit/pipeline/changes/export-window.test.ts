import { describe, expect, test } from '@jest/globals';
import { nextWindow, windowShard, windowToken } from '../../../../src/pipeline/changes/export-window.ts';

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

  test('is lost if recovery began after its start', () => {
    expect(nextWindow(1000, EVERY, restorable(9000, 1001))).toBe('lost');
    expect(nextWindow(1000, EVERY, restorable(9000, 1000))).toEqual({ from: 1000, to: 9000 });
  });

  test('begins where the one before it ended, whatever the clock does', () => {
    let from = 0;
    const ends = [];
    for (const latest of [950, 900.5, 5000, 4000, 4000 + 2 * DAY, 4000 + 2 * DAY]) {
      const window = nextWindow(from, EVERY, restorable(latest));
      if (window === 'lost' || 'early' in window) continue;
      expect(window.from).toBe(from);
      expect(window.to - window.from).toBeGreaterThanOrEqual(EVERY);
      from = window.to;
      ends.push(from);
    }
    expect(ends).toEqual([950, 5000, 5000 + DAY, 4000 + 2 * DAY]);
  });

  test('is a shard whose id sorts by time, and each try of it has a token of its own', () => {
    const ids = [
      { from: 900, to: 1800 },
      { from: 1800, to: 12_000 },
      { from: 12_000, to: 13_000 },
    ].map(windowShard);
    expect(ids.toSorted()).toEqual(ids);
    const window = { from: 900, to: 1800 };
    const tokens = [0, 1].map((tried) => windowToken('e', window, tried));
    expect(new Set([...tokens, windowToken('f', window, 0)]).size).toBe(3);
    expect(windowToken('e', window, 1)).toBe(tokens[1]);
  });
});
