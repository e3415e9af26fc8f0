import { expect, test } from '@jest/globals';
import { DataApiShare } from '../../../../src/clients/redshift/data-api-share.ts';
import { HandClock, settled } from '../hand-clock.ts';

const limits = { callsPerSecond: { ExecuteStatement: 25, CancelStatement: 5 }, activeStatements: 20 };

/** The number of these calls that are granted within the given number of seconds. */
async function callsWithin(share: DataApiShare, clock: HandClock, operation: string, seconds: number) {
  let calls = 0;
  const leave = new AbortController();
  for (let i = 0; i < 100; i++) {
    void share.turn(operation, leave.signal).then(
      () => calls++,
      () => {},
    );
  }
  // The first one is at once, so the last one just before the end.
  await clock.advance(seconds * 1000 - 1);
  leave.abort();
  return calls;
}

/** Submits a hundred transactions that do not end. Returns how many have started. */
function manyTransactions(share: DataApiShare): () => Promise<number> {
  let begun = 0;
  const endless = () => {
    begun++;
    return new Promise(() => {});
  };
  for (let i = 0; i < 100; i++) void share.slots.inSlot(endless, 'short');
  return async () => {
    await settled();
    return begun;
  };
}

test.each([
  [1, 20, 16],
  [2, 10, 8],
  [5, 4, 3],
  // A share of active statements is never less than two.
  [20, 1, 2],
])(
  'one of %d workers has its share of four fifths: %d calls per second, %d transactions',
  async (workers, calls, transactions) => {
    const clock = new HandClock();
    const share = new DataApiShare(limits, clock);
    share.workers = workers;
    expect(await callsWithin(share, clock, 'ExecuteStatement', 1)).toBe(calls);
    expect(await manyTransactions(share)()).toBe(transactions);
  },
);

test('each operation has its own rate, and one without a limit does not wait', async () => {
  const clock = new HandClock();
  const share = new DataApiShare(limits, clock);
  const calls = ['ExecuteStatement', 'CancelStatement', 'ListSchemas'];
  expect(await Promise.all(calls.map((operation) => callsWithin(share, clock, operation, 1)))).toEqual([
    20, 4, 100,
  ]);
});

test('when workers leave, their slots go to those who wait here', async () => {
  const share = new DataApiShare(limits, new HandClock());
  share.workers = 4;
  const begun = manyTransactions(share);
  expect(await begun()).toBe(4);
  share.workers = 1;
  expect(await begun()).toBe(16);
});
