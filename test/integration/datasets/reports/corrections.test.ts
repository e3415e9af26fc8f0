import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decimal, SeededLedger, type Totals } from '../../../../local/demo/seeded-ledger.ts';
import { valuesOf } from '../../../../src/pipeline/datasets/graph/calendar.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

/** `TRIBUTARY_CORRECTIONS=100 npm run integration -- reports/corrections` is the whole proof. */
const CORRECTIONS = Number(process.env.TRIBUTARY_CORRECTIONS ?? 12);
const SEED = 20261130;

const harness = withHarness();
const days = valuesOf('day', { first: '2023-12-29', last: '2024-01-02' });
const months = ['2023-12', '2024-01'];
const ledger = new SeededLedger(SEED);
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

/** The graph: statements read two months, and `recent` three days. */
function newGraph(): KnownGraph {
  const [from = '', until = ''] = [days[0], days.at(-1)];
  const made = new KnownGraph(harness, { from, until }, {}, (known) => ({
    ...known,
    recent: {
      ...{ sql: './recent.sql', inputs: { daily_stats: 'last-3-days' } },
      ...{ columns: { account: 'bigint', moved: 'decimal(18,2)' }, partition: { column: 'day' } },
    },
    // Corrections make some balances negative.
    statements: { ...known.statements, inputs: { monthly_stats: 'last-2-months' }, checks: {} },
  }));
  made.write(
    'recent.sql',
    'SELECT account, sum(credits + debits) AS moved FROM daily_stats GROUP BY account',
  );
  return made;
}

const putAll = async (to: KnownGraph) => {
  for (const day of days) await to.put(`${day}.gz`, ledger.of(day));
};

beforeAll(async () => {
  for (const day of days) ledger.add(day, { accounts: 3, least: 2, most: 8 });
  graph = newGraph();
  stop = await harness.startWorkers(graph.dependencies);
  await putAll(graph);
  await graph.run();
}, 240_000);
afterAll(() => stop());

/** What a partition reads, by what the rules mean. */
const reads = new Map<string, readonly string[]>([
  ...days.map((day) => [`daily_stats ${day}`, [`transactions ${day}`]] as const),
  ...days.map(
    (day, index) =>
      [
        `recent ${day}`,
        days.slice(Math.max(0, index - 2), index + 1).map((each) => `daily_stats ${each}`),
      ] as const,
  ),
  ...months.map(
    (month) =>
      [
        `monthly_stats ${month}`,
        days.filter((day) => day.startsWith(month)).map((day) => `daily_stats ${day}`),
      ] as const,
  ),
  ['statements 2023-12', ['monthly_stats 2023-12']],
  ['statements 2024-01', ['monthly_stats 2023-12', 'monthly_stats 2024-01']],
]);

/** By partition, its rows as the ledger computes them: `account …`. */
function computed(): Map<string, string[]> {
  const rows = (periods: readonly string[], text: (totals: Totals) => string) => {
    const sums = new Map<number, Totals>();
    for (const period of periods)
      for (const [account, { credits, debits, transactions }] of ledger.totals(period)) {
        const sum = sums.get(account) ?? { credits: 0n, debits: 0n, transactions: 0 };
        sums.set(account, {
          credits: sum.credits + credits,
          debits: sum.debits + debits,
          transactions: sum.transactions + transactions,
        });
      }
    return [...sums].toSorted(([a], [b]) => a - b).map(([account, sum]) => `${account} ${text(sum)}`);
  };
  const stats = ({ credits, debits, transactions }: Totals) =>
    `${decimal(credits)} ${decimal(debits)} ${transactions}`;
  const balance = ({ credits, debits }: Totals) => decimal(credits - debits);
  return new Map([
    ...days.map((day) => [`daily_stats ${day}`, rows([day], stats)] as const),
    ...days.map(
      (day, index) =>
        [
          `recent ${day}`,
          rows(days.slice(Math.max(0, index - 2), index + 1), ({ credits, debits }) =>
            decimal(credits + debits),
          ),
        ] as const,
    ),
    ...months.map((month) => [`monthly_stats ${month}`, rows([month], stats)] as const),
    ['statements 2023-12', rows(['2023-12'], balance)] as const,
    ['statements 2024-01', rows(months, balance)] as const,
  ]);
}

/** What is published, in the same form. The mean credit of statements is left out: the ledger has none. */
async function published(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const dataset of ['daily_stats', 'recent', 'monthly_stats', 'statements'])
    for (const row of await graph.rows(dataset)) {
      const [partition = '', ...fields] = row.split(' ');
      const id = `${dataset} ${partition}`;
      const shown = dataset === 'statements' ? fields.slice(0, 2) : fields;
      found.set(id, [...(found.get(id) ?? []), shown.join(' ')]);
    }
  return found;
}

let seed = SEED;
const next = (below: number) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

/** Corrects an amount of each of one to three days; of some, only the order of records. @returns the files that are put */
function correct(): Map<string, readonly object[]> {
  const chosen = new Set(Array.from({ length: 1 + next(3) }, () => days[next(days.length)] as string));
  return new Map(
    [...chosen].map((day) => {
      if (next(5) === 0) {
        const renumbered = ledger.of(day).map((each) => ({ ...each, id: each.id + 1 + next(1_000_000) }));
        return [day, renumbered.toReversed()];
      }
      ledger.correct(day, next(ledger.of(day).length), BigInt(1 + next(10_000_000)));
      return [day, ledger.of(day)];
    }),
  );
}

/** What is built again after these days changed, in the order of the graph, and which of that has other rows. */
function walk(corrected: Iterable<string>, before: Map<string, string[]>, after: Map<string, string[]>) {
  const changed = new Set([...corrected].map((day) => `transactions ${day}`));
  const rebuilt: string[] = [];
  // Datasets are in the map after all that they read.
  for (const [id, inputs] of reads) {
    if (!inputs.some((input) => changed.has(input))) continue;
    rebuilt.push(id);
    if (String(before.get(id)) !== String(after.get(id))) changed.add(id);
  }
  return { rebuilt, built: rebuilt.filter((id) => changed.has(id)).length };
}

test(
  'each of many corrections rebuilds exactly what a walk of the graph says, once',
  async () => {
    let before = computed();
    for (let correction = 1; correction <= CORRECTIONS; correction++) {
      const revisions = await graph.revisions();
      const files = correct();
      for (const [day, records] of files) await graph.put(`${day}.gz`, records);
      const after = computed();
      const { rebuilt, built } = walk(files.keys(), before, after);
      const result = await graph.run();
      const now = await graph.revisions();
      const written = Object.keys(now).filter(
        (id) => now[id] !== revisions[id] && !id.startsWith('transactions'),
      );
      expect({ correction, written: written.toSorted() }).toEqual({
        correction,
        written: rebuilt.toSorted(),
      });
      for (const id of written)
        expect(Number.parseInt(now[id] as string, 10)).toBe(Number.parseInt(revisions[id] as string, 10) + 1);
      expect(result).toMatchObject({
        built,
        unchanged: rebuilt.length - built,
        unfinished: [],
        warnings: [],
      });
      expect(await published()).toEqual(after);
      before = after;
    }
  },
  CORRECTIONS * 60_000,
);

test('what many corrections gave is what a computation from scratch gives', async () => {
  const contents = await graph.contents();
  const { texts } = await graph.statements();
  await stop();
  const scratch = newGraph();
  stop = await harness.startWorkers(scratch.dependencies);
  await putAll(scratch);
  expect(await scratch.run()).toMatchObject({ built: reads.size, unfinished: [] });
  const derived = (all: Record<string, unknown>) =>
    Object.entries(all).filter(([id]) => !id.startsWith('transactions'));
  expect(derived(await scratch.contents())).toEqual(derived(contents));
  expect((await scratch.statements()).texts).toEqual(texts);
}, 240_000);
