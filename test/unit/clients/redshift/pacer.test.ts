import { beforeEach, describe, expect, test } from '@jest/globals';
import { Pacer } from '../../../../src/clients/redshift/pacer.ts';
import { HandClock } from '../hand-clock.ts';

let clock: HandClock;
let turns: { readonly name: string; readonly atMs: number }[];
beforeEach(() => {
  clock = new HandClock();
  turns = [];
});

const take = (pacer: Pacer, name: string, signal?: AbortSignal) =>
  pacer.turn(signal).then(() => turns.push({ name, atMs: clock.nowMs() }));

describe('a pacer of 10 a second', () => {
  let pacer: Pacer;
  beforeEach(() => {
    pacer = new Pacer(() => 10, clock);
  });

  test('grants the first turn immediately and the others evenly, in the order of the requests', async () => {
    for (const name of ['a', 'b', 'c']) void take(pacer, name);
    await clock.advance(1000);
    expect(turns).toEqual([
      { name: 'a', atMs: 0 },
      { name: 'b', atMs: 100 },
      { name: 'c', atMs: 200 },
    ]);
  });

  test('accumulates no burst while there are no calls', async () => {
    await take(pacer, 'a');
    await clock.advance(60_000);
    for (const name of ['b', 'c']) void take(pacer, name);
    await clock.advance(1000);
    expect(turns.map(({ atMs }) => atMs)).toEqual([0, 60_000, 60_100]);
  });

  test('does not catch up in a burst after its process was suspended', async () => {
    for (const name of ['a', 'b', 'c', 'd']) void take(pacer, name);
    await clock.advance(0);
    await clock.standStill(5000);
    await clock.advance(1000);
    expect(turns.map(({ atMs }) => atMs)).toEqual([0, 5000, 5100, 5200]);
  });

  test('releases a caller that gives up, and grants the turn to the next', async () => {
    const givingUp = new AbortController();
    void take(pacer, 'a');
    const gone = take(pacer, 'b', givingUp.signal);
    void take(pacer, 'c');
    await clock.advance(0);
    givingUp.abort(new Error('cancelled'));
    await expect(gone).rejects.toThrow('cancelled');
    await clock.advance(1000);
    expect(turns).toEqual([
      { name: 'a', atMs: 0 },
      { name: 'c', atMs: 100 },
    ]);
  });

  test('grants no turn to a caller that gave up before it asked', async () => {
    await expect(take(pacer, 'a', AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
    await take(pacer, 'b');
    expect(turns).toEqual([{ name: 'b', atMs: 0 }]);
  });
});

test('a changed rate applies from the next turn', async () => {
  let perSecond = 10;
  const pacer = new Pacer(() => perSecond, clock);
  for (const name of ['a', 'b', 'c', 'd']) void take(pacer, name);
  await clock.advance(150);
  perSecond = 2;
  await clock.advance(5000);
  // The timer of the third turn was set at the old rate; it is set again when it goes off.
  expect(turns.map(({ atMs }) => atMs)).toEqual([0, 100, 600, 1100]);
});
