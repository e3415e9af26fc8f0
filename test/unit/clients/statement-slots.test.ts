import { beforeEach, describe, expect, test } from '@jest/globals';
import { StatementSlots } from '../../../src/clients/statement-slots.ts';
import { settled } from './hand-clock.ts';

let limit: number;
let slots: StatementSlots;
let began: string[];
beforeEach(() => {
  // Two are for long transactions.
  limit = 3;
  slots = new StatementSlots(() => limit);
  began = [];
});

/** Work that runs until it is asked to end. */
function work(name: string, signal?: AbortSignal, takes: 'long' | 'short' = 'long') {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const done = slots.inSlot(
    () => {
      began.push(name);
      return promise;
    },
    takes,
    signal,
  );
  return { done, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test('no more transactions run than there are slots, first come, first served', async () => {
  const [a, b] = ['a', 'b', 'c', 'd'].map((name) => work(name));
  await settled();
  expect(began).toEqual(['a', 'b']);
  b?.end();
  await expect(b?.done).resolves.toBe('b');
  await settled();
  expect(began).toEqual(['a', 'b', 'c']);
  a?.end();
  await settled();
  expect(began).toEqual(['a', 'b', 'c', 'd']);
});

describe('a short transaction', () => {
  const short = (name: string) => work(name, undefined, 'short');

  test('does not wait for long ones, however many there are', async () => {
    for (const name of ['a', 'b', 'c', 'd']) work(name);
    const [e] = [short('e'), short('f')];
    await settled();
    expect(began).toEqual(['a', 'b', 'e']);
    e?.end();
    await expect(e?.done).resolves.toBe('e');
    await settled();
    expect(began).toEqual(['a', 'b', 'e', 'f']);
  });

  test('keeps to the limit as well, and may use all of it', async () => {
    for (const name of ['a', 'b', 'c', 'd']) short(name);
    await settled();
    expect(began).toEqual(['a', 'b', 'c']);
  });

  test('leaves the only slot to long ones', async () => {
    limit = 1;
    work('a');
    await settled();
    expect(began).toEqual(['a']);
  });
});

test('work that fails gives its slot back', async () => {
  const [a] = ['a', 'b', 'c'].map((name) => work(name));
  a?.fail();
  await expect(a?.done).rejects.toThrow('a');
  await settled();
  expect(began).toEqual(['a', 'b', 'c']);
});

test('a caller that gives up while it waits never starts, and blocks no one', async () => {
  const givingUp = new AbortController();
  const a = work('a');
  work('b');
  const c = work('c', givingUp.signal);
  work('d');
  givingUp.abort(new Error('cancelled'));
  await expect(c.done).rejects.toThrow('cancelled');
  a.end();
  await settled();
  expect(began).toEqual(['a', 'b', 'd']);
});

describe('a limit that changes', () => {
  test('to more admits those who wait', async () => {
    for (const name of ['a', 'b', 'c', 'd']) work(name);
    limit = 4;
    slots.fill();
    await settled();
    expect(began).toEqual(['a', 'b', 'c']);
  });

  test('to fewer ends nothing, and admits no one until there is room again', async () => {
    const [a, b] = ['a', 'b', 'c'].map((name) => work(name));
    limit = 1;
    a?.end();
    await expect(a?.done).resolves.toBe('a');
    expect(began).toEqual(['a', 'b']);
    b?.end();
    await settled();
    expect(began).toEqual(['a', 'b', 'c']);
  });
});
