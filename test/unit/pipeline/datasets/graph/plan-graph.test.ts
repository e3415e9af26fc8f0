import { describe, expect, test } from '@jest/globals';
import type { GraphDataset } from '../../../../../src/pipeline/datasets/graph/expectations.ts';
import { differenceOf } from '../../../../../src/pipeline/datasets/graph/input-versions.ts';
import { ruleOf } from '../../../../../src/pipeline/datasets/graph/partition-rules.ts';
import { readyOf } from '../../../../../src/pipeline/datasets/graph/plan-graph.ts';
import { localHours } from '../../../../../src/pipeline/datasets/records/local-time.ts';
import { Ledger } from './simulated-graph.ts';

const NOW = Date.parse('2024-03-03T12:00:00Z');

const input = (dataset: string, rule: string, isReference = false) => ({
  ...{ dataset, rule: ruleOf(rule)!, isReference },
});
const graph: GraphDataset[] = [
  {
    ...{ name: 'transactions', kind: 'source', unit: 'day', timezone: 'UTC', inputs: [] },
    expect: { from: '2024-01-30', until: 'yesterday' },
  },
  { name: 'accounts', kind: 'source', unit: 'day', timezone: 'UTC', inputs: [] },
  {
    ...{ name: 'daily', kind: 'derived', unit: 'day', timezone: 'UTC', code: 'd1', maxRebuild: 40 },
    inputs: [input('transactions', 'same-day')],
  },
  {
    ...{ name: 'monthly', kind: 'derived', unit: 'month', timezone: 'UTC', code: 'm1', maxRebuild: 40 },
    inputs: [input('daily', 'days-of-month')],
  },
  {
    ...{ name: 'statements', kind: 'derived', unit: 'month', timezone: 'UTC', code: 's1', maxRebuild: 40 },
    inputs: [input('monthly', 'last-2-months'), input('accounts', 'all', true)],
  },
];

/** All built. */
function built(): Ledger {
  const ledger = new Ledger(graph, NOW);
  ledger.publish('accounts', '2024-01-01', 'a');
  for (const day of ledger.days('2024-01-30', '2024-03-02'))
    ledger.publish('transactions', day, `rows of ${day}`);
  ledger.run();
  return ledger;
}

describe('a run', () => {
  test('builds each partition once, after all that it reads', () => {
    const ledger = built();
    expect(ledger.builds.filter((id) => id.startsWith('daily')).length).toBe(33);
    expect(ledger.builds.filter((id) => !id.startsWith('daily'))).toEqual([
      ...['monthly 2024-01', 'monthly 2024-02', 'monthly 2024-03'],
      ...['statements 2024-01', 'statements 2024-02', 'statements 2024-03'],
    ]);
    expect(ledger.run()).toEqual([]);
  });

  test('after a correction rebuilds its day, its month and the reports that read it', () => {
    const ledger = built();
    ledger.publish('transactions', '2024-02-29', 'corrected');
    expect(
      ledger.plan().partitions.map(({ dataset, value, state }) => `${dataset} ${value} ${state}`),
    ).toEqual([
      ...['daily 2024-02-29 ready', 'monthly 2024-02 waits'],
      ...['statements 2024-02 waits', 'statements 2024-03 waits'],
    ]);
    expect(ledger.plan().partitions.map(({ reason }) => reason)).toEqual([
      'its inputs changed',
      'if daily 2024-02-29 changes',
      'if monthly 2024-02 changes',
      'if monthly 2024-02 changes',
    ]);
    expect(ledger.run()).toEqual([
      ...['daily 2024-02-29', 'monthly 2024-02', 'statements 2024-02', 'statements 2024-03'],
    ]);
  });

  test('stops where the result is the same', () => {
    const ledger = built();
    ledger.unchanged.add('daily 2024-02-29');
    ledger.publish('transactions', '2024-02-29', 'corrected');
    expect(ledger.run()).toEqual(['daily 2024-02-29']);
    expect(ledger.run()).toEqual([]);
  });

  test('is not caused by references', () => {
    const ledger = built();
    ledger.publish('accounts', '2024-01-01', 'another name');
    expect(ledger.run()).toEqual([]);
  });

  test('rebuilds what lost its files', () => {
    const ledger = built();
    ledger.damage('monthly', '2024-01');
    expect(ledger.plan().partitions[0]).toMatchObject({
      value: '2024-01',
      reason: 'its files are missing or changed',
    });
    expect(ledger.run()).toEqual(['monthly 2024-01']);
  });

  test('publishes an expected day without rows empty, once all files of its source were taken', () => {
    const ledger = new Ledger(graph, NOW);
    ledger.publish('accounts', '2024-01-01', 'a');
    const before = ledger.plan().partitions;
    expect(before.find(({ dataset, value }) => dataset === 'monthly' && value === '2024-01')).toMatchObject({
      state: 'blocked',
      reason: 'transactions 2024-01-30 is missing',
    });
    ledger.taken.add('transactions');
    expect(readyOf(ledger.plan(), {}).every(({ isEmpty }) => isEmpty === true)).toBe(true);
    ledger.run();
    expect(ledger.plan().partitions).toEqual([]);
  });

  test('keeps a failed partition apart: what depends on it waits, everything else is built', () => {
    const ledger = built();
    ledger.publish('transactions', '2024-02-29', 'corrected');
    ledger.publish('transactions', '2024-03-01', 'corrected');
    ledger.failed.set('daily 2024-02-29', 'overflow');
    expect(ledger.run()).toEqual(['daily 2024-03-01', 'monthly 2024-03']);
    expect(
      ledger.plan().partitions.map(({ dataset, value, state, reason }) => [dataset, value, state, reason]),
    ).toEqual([
      ['daily', '2024-02-29', 'failed', 'overflow'],
      ['monthly', '2024-02', 'blocked', 'daily 2024-02-29 failed'],
      ['statements', '2024-02', 'blocked', 'daily 2024-02-29 failed'],
      ['statements', '2024-03', 'blocked', 'daily 2024-02-29 failed'],
    ]);
  });
});

describe('more text files than maxFiles', () => {
  const of = (maxFiles: number, column = 'account') => {
    const ledger = built();
    ledger.datasets = graph.map((dataset) =>
      dataset.name === 'statements' ? { ...dataset, textsPer: { column, maxFiles } } : dataset,
    );
    ledger.textsPer('statements', '2024-02', { column: 'account', files: 11 });
    return ledger;
  };
  const planned = (ledger: Ledger) =>
    ledger.plan().partitions.map(({ dataset, value, state }) => `${dataset} ${value} ${state}`);

  test('stop the plan before anything runs, if the partition has as many', () => {
    const ledger = of(10);
    // It is complete: it stays.
    expect(planned(ledger)).toEqual([]);
    ledger.publish('transactions', '2024-02-29', 'corrected');
    expect(planned(ledger)).toEqual([
      ...['daily 2024-02-29 ready', 'monthly 2024-02 waits'],
      ...['statements 2024-02 failed', 'statements 2024-03 waits'],
    ]);
    expect(ledger.plan().partitions.find(({ state }) => state === 'failed')).toMatchObject({
      hasTooManyFiles: true,
      reason:
        'it has 11 values in account, each with a file of its own; store.maxFiles is 10. ' +
        'It is not built. Set a greater store.maxFiles, or a store.filePer with fewer values.',
    });
    expect(ledger.run()).toEqual(['daily 2024-02-29', 'monthly 2024-02', 'statements 2024-03']);
    expect(planned(ledger)).toEqual(['statements 2024-02 failed']);
  });

  test('stop nothing if there may be as many, or if the files are those of another column or step', () => {
    for (const ledger of [of(11), of(10, 'region')]) {
      ledger.publish('transactions', '2024-02-29', 'corrected');
      expect(ledger.run()).toContain('statements 2024-02');
    }
    const ledger = of(10);
    ledger.datasets = ledger.datasets.map((dataset) =>
      dataset.name === 'statements' ? { ...dataset, code: 's2' } : dataset,
    );
    expect(ledger.run()).toContain('statements 2024-02');
  });
});

describe('a changed step', () => {
  const changed = (maxRebuild: number, approved?: string) =>
    graph.map((each) => (each.name === 'daily' ? { ...each, code: 'd2', maxRebuild, approved } : each));

  test('rebuilds up to maxRebuild partitions', () => {
    const ledger = built();
    ledger.datasets = changed(33);
    expect(ledger.run().filter((id) => id.startsWith('daily')).length).toBe(33);
  });

  test('waits for an approval above that; what depends on it does not', () => {
    const ledger = built();
    ledger.datasets = changed(32);
    ledger.damage('monthly', '2024-01');
    expect(ledger.run()).toEqual(['monthly 2024-01']);
    const [first, ...others] = ledger.plan().partitions;
    expect(first).toMatchObject({ state: 'held', reason: expect.stringContaining('33 partitions') });
    expect(others.every(({ state }) => state === 'held')).toBe(true);
    ledger.datasets = changed(32, 'd1');
    expect(ledger.run()).toEqual([]);
    ledger.datasets = changed(32, 'd2');
    expect(ledger.run().length).toBe(33);
  });
});

describe('a run can be limited', () => {
  test('to a number of partitions, from the oldest or the newest', () => {
    const ledger = built();
    for (const day of ['2024-02-01', '2024-02-02', '2024-03-01']) ledger.publish('transactions', day, 'x');
    const plan = ledger.plan();
    expect(readyOf(plan, { limit: 2 }).map(({ value }) => value)).toEqual(['2024-02-01', '2024-02-02']);
    expect(readyOf(plan, { limit: 2, isReverse: true }).map(({ value }) => value)).toEqual([
      '2024-03-01',
      '2024-02-02',
    ]);
  });

  test('to a range of days, and the months that have some of them', () => {
    const ledger = built();
    for (const day of ['2024-01-31', '2024-02-02', '2024-03-01']) ledger.publish('transactions', day, 'x');
    ledger.range = { from: '2024-02-01', to: '2024-02-10' };
    expect(ledger.run()).toEqual(['daily 2024-02-02', 'monthly 2024-02', 'statements 2024-02']);
  });

  test('to some datasets; others are used as they are', () => {
    const ledger = built();
    ledger.publish('transactions', '2024-02-29', 'corrected');
    ledger.scope = new Set(['monthly', 'statements']);
    expect(ledger.run()).toEqual([]);
  });

  test('or forced, once', () => {
    const ledger = built();
    ledger.force(['monthly']);
    ledger.unchanged.add('monthly 2024-01').add('monthly 2024-02').add('monthly 2024-03');
    expect(ledger.run()).toEqual(['monthly 2024-01', 'monthly 2024-02', 'monthly 2024-03']);
    expect(ledger.run()).toEqual([]);
  });
});

describe('a fetched dataset', () => {
  const rates: GraphDataset = {
    ...{ name: 'rates', kind: 'fetched', unit: 'day', timezone: 'UTC', inputs: [], code: 'r1', recompute: 2 },
    expect: { from: '2024-02-27', until: 'yesterday' },
  };
  const converted: GraphDataset = {
    ...{ name: 'converted', kind: 'derived', unit: 'day', timezone: 'UTC', code: 'c1' },
    inputs: [input('rates', 'same-day')],
  };
  const fetched = () => {
    const ledger = new Ledger([rates, converted], NOW);
    ledger.begin();
    ledger.run();
    return ledger;
  };

  test('is fetched once, and its latest days again with every run', () => {
    const ledger = fetched();
    expect(ledger.builds.length).toBe(2 * 5);
    expect(ledger.run()).toEqual([]);
    ledger.begin();
    ledger.unchanged.add('rates 2024-03-01');
    ledger.corrected.add('rates 2024-03-02');
    expect(ledger.run()).toEqual(['rates 2024-03-01', 'rates 2024-03-02', 'converted 2024-03-02']);
  });

  test('does not change with its code, only by force', () => {
    const ledger = fetched();
    ledger.datasets = [{ ...rates, code: 'r2', recompute: 0 }, converted];
    expect(ledger.run()).toEqual([]);
    ledger.force(['rates']);
    for (const day of ledger.days('2024-02-27', '2024-03-02')) ledger.unchanged.add(`rates ${day}`);
    expect(ledger.run().length).toBe(5);
  });
});

test('a partition of months that are not yet there is built from those that are', () => {
  const ledger = built();
  expect(ledger.builtFrom('statements', '2024-01')).toEqual(['monthly 2024-01']);
  expect(ledger.builtFrom('statements', '2024-02')).toEqual(['monthly 2024-01', 'monthly 2024-02']);
});

test('a day reads the hours that there are: of 23, 24 or 25', () => {
  const expectation = { from: '2024-03-30', until: '2024-04-01' };
  const ledger = new Ledger(
    [
      { name: 'hourly', kind: 'source', isHourly: true, timezone: 'Europe/London', inputs: [] },
      {
        ...{ name: 'daily', kind: 'derived', unit: 'day', timezone: 'Europe/London', code: 'd1' },
        ...{ expect: expectation, inputs: [input('hourly', 'same-day')] },
      },
      {
        ...{ name: 'two', kind: 'derived', unit: 'day', timezone: 'Europe/London', code: 't1' },
        ...{ expect: expectation, inputs: [input('hourly', 'last-2-days')] },
      },
    ],
    Date.parse('2024-04-02T12:00:00Z'),
  );
  const local = localHours('Europe/London');
  const published = new Set<string>();
  for (let ms = Date.parse('2024-03-30T00:00Z'); ms < Date.parse('2024-04-01T23:00Z'); ms += 3_600_000) {
    const { day, hour } = local(BigInt(ms) * 1000n);
    published.add(`${day}-${hour}`);
    ledger.publish('hourly', `${day}-${hour}`, `rows of ${ms}`);
  }
  expect(published.size).toBe(24 + 23 + 24);
  ledger.run();
  expect(ledger.builtFrom('daily', '2024-03-31')).toHaveLength(23);
  expect(ledger.builtFrom('daily', '2024-03-31').includes('hourly 2024-03-31-01')).toBe(false);
  expect(ledger.builtFrom('two', '2024-04-01')).toHaveLength(23 + 24);
  ledger.publish('hourly', '2024-03-31-23', 'corrected');
  expect(ledger.run().toSorted()).toEqual(['daily 2024-03-31', 'two 2024-03-31', 'two 2024-04-01']);
  ledger.range = { from: '2024-03-30', to: '2024-03-30' };
  expect(ledger.plan().complete.get('hourly')).toBe(24);
});

test('a table without partitions is read as one, and is one', () => {
  const ledger = new Ledger(
    [
      { name: 'accounts', kind: 'source', isWhole: true, timezone: 'UTC', inputs: [] },
      { name: 'days', kind: 'source', unit: 'day', timezone: 'UTC', inputs: [] },
      {
        ...{ name: 'totals', kind: 'derived', isWhole: true, timezone: 'UTC', code: 't1' },
        inputs: [input('accounts', 'all'), input('days', 'all')],
      },
    ],
    NOW,
  );
  expect(ledger.plan().partitions.map(({ dataset, value, state }) => [dataset, value, state])).toEqual([
    ['accounts', 'all', 'blocked'],
    ['totals', 'all', 'blocked'],
  ]);
  ledger.publish('accounts', 'all', 'a');
  ledger.range = { from: '2024-01-01', to: '2024-01-01' };
  expect(ledger.run()).toEqual(['totals all']);
  ledger.publish('accounts', 'all', 'b');
  expect(ledger.run()).toEqual(['totals all']);
  ledger.publish('days', '2024-02-01', 'c');
  expect(ledger.run()).toEqual(['totals all']);
  expect(ledger.run()).toEqual([]);
});

test('what differs is named', () => {
  const from = (partition: string, version: string) => ({ dataset: 'daily', partition, version });
  expect(
    differenceOf([from('1', 'a'), from('2', 'a')], [from('1', 'b'), from('2', 'b'), from('3', 'a')]),
  ).toBe('daily 1, daily 2 changed; daily 3 is new');
  const five = ['1', '2', '3', '4', '5'];
  expect(
    differenceOf(
      five.map((each) => from(each, 'a')),
      five.map((each) => from(each, 'b')),
    ),
  ).toBe('daily 1, daily 2, daily 3 and 2 more changed');
  expect(differenceOf([], [from('1', 'a'), from('2', 'a')])).toBe('daily 1, daily 2 are new');
  expect(differenceOf([from('1', 'a')], [])).toBe('daily 1 is no longer read');
});

test('once a hundred partitions of a dataset failed, its others are not tried; other datasets are', () => {
  const expectation = { from: '2023-06-01', until: 'yesterday' as const };
  const [source, , daily] = graph as [GraphDataset, GraphDataset, GraphDataset];
  const ledger = new Ledger(
    [{ ...source, expect: expectation }, daily, { ...daily, name: 'others', code: 'o1' }],
    NOW,
  );
  const days = ledger.days('2023-06-01', '2024-03-02');
  for (const day of days) ledger.publish('transactions', day, `rows of ${day}`);
  for (const day of days.slice(0, 99)) ledger.failed.set(`daily ${day}`, 'no');
  const ready = () => readyOf(ledger.plan(), {}).map(({ dataset }) => dataset);
  expect(ready().filter((name) => name === 'daily')).toHaveLength(days.length - 99);
  ledger.failed.set(`daily ${days[99]}`, 'no');
  expect(new Set(ready())).toEqual(new Set(['others']));
  expect(ledger.plan().partitions[100]).toMatchObject({
    ...{ dataset: 'daily', state: 'blocked', reason: 'not tried, because 100 partitions of daily failed' },
  });
});

test('a hundred corrections rebuild exactly what a walk of the graph says, and give what a computation from scratch gives', () => {
  const ledger = built();
  const days = ledger.days('2024-01-30', '2024-03-02');
  let seed = 20261130;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let correction = 0; correction < 100; correction++) {
    const corrected = new Set(Array.from({ length: 1 + next(3) }, () => days[next(days.length)] as string));
    for (const day of corrected) ledger.publish('transactions', day, `correction ${correction}`);
    // A walk of its own, from what the rules mean.
    const months = new Set([...corrected].map((day) => day.slice(0, 7)));
    const reports = new Set([...months].flatMap((month) => [month, REPORTED_NEXT[month] as string]));
    const wanted = [
      ...[...corrected].map((day) => `daily ${day}`),
      ...[...months].map((month) => `monthly ${month}`),
      ...[...reports].filter((month) => month <= '2024-03').map((month) => `statements ${month}`),
    ];
    expect(ledger.run().toSorted()).toEqual(wanted.toSorted());
  }
  expect(ledger.versions()).toEqual(ledger.fromScratch().versions());
});

const REPORTED_NEXT: Readonly<Record<string, string>> = {
  '2024-01': '2024-02',
  '2024-02': '2024-03',
  '2024-03': '2024-04',
};
