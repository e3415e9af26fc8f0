import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

/** Where the bank's ledger is: a directory with `transactions-1993Q1.jsonl.gz`. Its licence is not stated, so it is not here. */
const directory = process.env.TRIBUTARY_LEDGER;
const file = directory === undefined ? undefined : join(directory, 'transactions-1993Q1.jsonl.gz');
const isThere = file !== undefined && existsSync(file);

/** Transactions whose balance, by the bank, is off by 0.10: it rounds internally. */
const OFF = [
  286583, 699588, 846309, 1183179, 3402667, 3460369, 3466051, 3468211, 3470805, 3528743, 3528744, 3529064,
  3529065, 3537489, 3539844, 3541136, 3546053, 3551095, 3553662, 3561687, 3562938, 3563618, 3578973, 3580976,
  3585608, 3586193, 3595784, 3599468, 3599469, 3600404, 3602140, 3607856, 3608593, 3609127, 3609128, 3610111,
  3612141, 3618819, 3619031, 3626471, 3627197, 3628745, 3643351, 3648653, 3657067,
];

interface Step {
  readonly id: number;
  readonly account: number;
  readonly day: string;
  readonly cents: bigint;
  readonly balance: bigint;
}

(isThere ? describe : describe.skip)('the ledger of a bank, named by TRIBUTARY_LEDGER', () => {
  const harness = withHarness();
  let graph: KnownGraph;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    graph = new KnownGraph(harness, { from: '1993-01-01', until: '1993-03-31' });
    stop = await harness.startWorkers(graph.dependencies);
    const lines = gunzipSync(readFileSync(file as string))
      .toString()
      .trim()
      .split('\n');
    const byMonth = Map.groupBy(
      lines.map((line) => JSON.parse(line) as { day: string }),
      ({ day }) => day.slice(0, 7),
    );
    for (const [month, records] of byMonth) await graph.put(`${month}.gz`, records);
    await graph.run();
  }, 1_800_000);
  afterAll(() => stop());

  test('has the totals that its description gives', async () => {
    const months = new Map<string, [rows: number, credits: bigint, debits: bigint, accounts: number]>();
    for (const row of await graph.rows('monthly_stats')) {
      const [month = '', , credits = '', debits = '', transactions = ''] = row.split(' ');
      const before = months.get(month) ?? [0, 0n, 0n, 0];
      months.set(month, [
        before[0] + Number(transactions),
        before[1] + cents(credits),
        before[2] + cents(debits),
        before[3] + 1,
      ]);
    }
    expect(Object.fromEntries(months)).toEqual({
      '1993-01': [177, 66_745_760n, 3_470_000n, 96],
      '1993-02': [395, 244_549_870n, 28_142_660n, 194],
      '1993-03': [676, 385_562_940n, 87_468_920n, 298],
    });
  });

  test('agrees with the bank’s balances to the cent, but for those that the bank rounds', async () => {
    const steps = (await graph.rows('transactions')).map((row): Step => {
      const [day = '', id = '', account = '', kind = '', amount = '', balance = ''] = row.split(' ');
      const sign = kind === 'credit' ? 1n : -1n;
      return {
        id: Number(id),
        account: Number(account),
        day,
        cents: sign * cents(amount),
        balance: cents(balance),
      };
    });
    expect(steps.length).toBe(1248);
    const off = [...Map.groupBy(steps, ({ account }) => account).values()].flatMap(stepsOff);
    expect(off.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(OFF);
    expect(off.every(({ difference }) => difference === 10n || difference === -10n)).toBe(true);
  });
});

/** The steps of an account that do not lead from the bank's balance before to the one after, in the order of each day that fits best. */
function stepsOff(own: readonly Step[]): { readonly id: number; readonly difference: bigint }[] {
  const off: { readonly id: number; readonly difference: bigint }[] = [];
  let before = 0n;
  const days = [...Map.groupBy(own, ({ day }) => day)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [, steps] of days) {
    const start = before;
    const tried = orders(steps).map((order) => ({ order, off: differences(order, start) }));
    const [best] = tried.toSorted((a, b) => a.off.length - b.off.length);
    if (best === undefined) continue;
    for (const each of best.off) off.push(each);
    before = best.order.at(-1)?.balance ?? before;
  }
  return off;
}

function differences(
  order: readonly Step[],
  start: bigint,
): { readonly id: number; readonly difference: bigint }[] {
  let before = start;
  return order.flatMap(({ id, cents: change, balance }) => {
    const difference = balance - (before + change);
    before = balance;
    return difference === 0n ? [] : [{ id, difference }];
  });
}

function orders<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((first, index) => orders(all.toSpliced(index, 1)).map((others) => [first, ...others]));
}

const cents = (text: string): bigint => BigInt(text.replace('.', ''));
