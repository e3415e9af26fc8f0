import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { forEachLimited } from '../../../src/store/for-each-limited.ts';

/** Work that continues until its signal ends it. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });

test('every element is worked on, no more at once than allowed', async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await forEachLimited([1, 2, 3, 4, 5], 2, async (n) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    done.push(n);
  });
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

test('the first failure aborts the other work, and is thrown once that has ended', async () => {
  const ended: string[] = [];
  const began: string[] = [];
  const running = forEachLimited(['slow', 'failing', 'later'], 2, async (name, signal) => {
    began.push(name);
    if (name === 'failing') throw new Error('the first');
    try {
      await untilAborted(signal);
    } finally {
      // What it does while it ends is awaited as well.
      await setImmediate();
      ended.push(name);
    }
  });
  await expect(running).rejects.toThrow('the first');
  expect(ended).toEqual(['slow']);
  expect(began).toEqual(['slow', 'failing']);
});

test('it can be aborted from outside as well', async () => {
  const outside = new AbortController();
  const running = forEachLimited(['a', 'b'], 2, (_, signal) => untilAborted(signal), outside.signal);
  outside.abort();
  await expect(running).rejects.toThrow('aborted');
});
