import { describe, expect, test } from '@jest/globals';
import { CutMemory, type CutShare } from '../../../../src/activities/changes/cut-memory.ts';

const { signal } = new AbortController();

describe('the memory that readers share', () => {
  test('asks the reader that holds most to cut once it is used up, and no other', () => {
    const memory = new CutMemory(100);
    const [a, b] = [memory.join(), memory.join()];
    a.hold(40);
    b.hold(60);
    expect([a.isAsked, b.isAsked]).toEqual([false, false]);
    a.hold(50);
    expect([a.isAsked, b.isAsked]).toEqual([false, true]);
    b.hold(0);
    expect([a.isAsked, b.isAsked]).toEqual([false, false]);
  });

  test('gives the others no page before that cut is written', async () => {
    const memory = new CutMemory(100);
    const [a, b] = [memory.join(), memory.join()];
    b.hold(200);
    await expect(memory.page(b, async () => 'page', signal)).resolves.toBe('cut first');
    const page = memory.page(a, async () => memory.heldBytes, signal);
    b.hold(0);
    await expect(page).resolves.toBe(0);
  });

  test('is freed by a reader that ends', async () => {
    const memory = new CutMemory(100);
    const [a, b] = [memory.join(), memory.join()];
    b.hold(200);
    const page = memory.page(a, async () => 'page', signal);
    b.leave();
    await expect(page).resolves.toBe('page');
    expect(memory.heldBytes).toBe(0);
  });

  test('lets few readers take a page at once', async () => {
    const memory = new CutMemory(100);
    let taking = 0;
    let most = 0;
    const ended: (() => void)[] = [];
    const take = () =>
      new Promise<void>((resolve) => {
        most = Math.max(most, ++taking);
        ended.push(() => {
          taking--;
          resolve();
        });
      });
    const pages = Array.from({ length: 64 }, () => memory.page(memory.join(), take, signal));
    let left = pages.length;
    for (const page of pages) void page.then(() => left--);
    while (left > 0) {
      ended.shift()?.();
      await Promise.resolve();
    }
    expect(most).toBe(12);
  });

  test('wakes a reader that waits, when it is asked to cut', async () => {
    const memory = new CutMemory(100);
    const [a, b] = [memory.join(), memory.join()];
    a.hold(90);
    const waited = a.pause(600_000, signal);
    b.hold(20);
    await expect(waited).resolves.toBeUndefined();
  });

  test('asks a reader that waits for it, if the cut of another is not enough', async () => {
    const memory = new CutMemory(10);
    const [a, b, c] = [memory.join(), memory.join(), memory.join()];
    a.hold(8);
    b.hold(7);
    c.hold(6);
    const pages = [b, c].map((share) => memory.page(share, async () => 'page', signal));
    await expect(memory.page(a, async () => 'page', signal)).resolves.toBe('cut first');
    a.hold(0);
    await expect(pages[0]).resolves.toBe('cut first');
    b.hold(0);
    await expect(pages[1]).resolves.toBe('page');
  });

  test('checks again what is held, when a reader waited for its turn', async () => {
    const memory = new CutMemory(10);
    const taken: { share: CutShare; end: () => void }[] = [];
    const pages = Array.from({ length: 40 }, () => {
      const share = memory.join();
      const take = () => new Promise<void>((resolve) => void taken.push({ share, end: resolve }));
      return memory.page(share, take, signal).then((page) => ({ share, page }));
    });
    for (const { share, end } of taken.slice(0, 12)) {
      share.hold(1);
      end();
    }
    await Promise.all(pages.slice(0, 12));
    expect(taken).toHaveLength(12);
    for (const { share } of taken.slice(0, 12)) share.hold(0);
    // A place that a reader did not take was not lost either.
    for (let ended = 12; ended < 40; ended++) {
      while (taken.length <= ended) await Promise.resolve();
      taken[ended]?.end();
    }
    await expect(Promise.all(pages)).resolves.toHaveLength(40);
  });
});
