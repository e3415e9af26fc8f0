import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DueHeap } from '../../../../local/sqs/due-heap.ts';
import { Fifo } from '../../../../local/sqs/fifo.ts';

test('what is due first comes first, whatever the order of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (times) => {
      const heap = new DueHeap<number>();
      for (const time of times) heap.push(time, time);
      const popped = times.map(() => heap.pop());
      expect(popped).toEqual(times.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('what comes in first goes out first, for as many items as you like', () => {
  const fifo = new Fifo<number>();
  const taken: number[] = [];
  for (let n = 0; n < 10_000; n++) {
    fifo.push(n);
    if (n % 3 !== 0) taken.push(fifo.take()!);
  }
  while (fifo.length > 0) taken.push(fifo.take()!);
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  expect(fifo.take()).toBeUndefined();
});

test('taken at random, each item goes out once', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (fractions) => {
      const fifo = new Fifo<number>();
      for (const index of fractions.keys()) fifo.push(index);
      const taken = fractions.map((fraction) => fifo.take(fraction)!);
      expect(taken.toSorted((a, b) => a - b)).toEqual([...fractions.keys()]);
    }),
  );
});
