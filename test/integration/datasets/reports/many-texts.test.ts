import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { textsDirectory } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const DAY = '2024-03-01';
/** More than are found by one listing of all partitions. */
const ACCOUNTS = 1001;
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};
/** Of text files. */
let [listings, puts] = [0, 0];

beforeAll(async () => {
  graph = new KnownGraph(harness, { from: DAY, until: DAY }, {}, (datasets) => ({
    ...datasets,
    statements: { ...datasets.statements, checks: {}, store: { format: 'tsv', filePer: 'account' } },
  }));
  stop = await harness.startWorkers({
    ...graph.dependencies,
    store: (bucket) => counted(graph.dependencies.store(bucket)),
  });
}, 120_000);
afterAll(() => stop());

const directory = () => textsDirectory(graph.files('statements').at, 'month=2024-03');

function counted(store: ObjectStore): ObjectStore {
  return {
    ...store,
    put: (key, ...given) => {
      if (key.startsWith(directory())) puts++;
      return store.put(key, ...given);
    },
    list: (prefix, options) => {
      if (prefix === directory()) listings++;
      return store.list(prefix, options);
    },
  };
}

/** Every account has one credit; that of the first is this. */
const put = (amount: string) =>
  graph.put(
    `${DAY}.gz`,
    Array.from({ length: ACCOUNTS }, (_, i) => ({
      ...{ id: i, account: i + 1, day: DAY, kind: 'credit', balance: '0.00' },
      amount: i === 0 ? amount : '1.25',
    })),
  );

async function run() {
  [listings, puts] = [0, 0];
  const { built, unfinished } = await graph.run();
  expect(unfinished).toEqual([]);
  return { built, listings, puts };
}

test('a run lists many text files once to plan, once to publish and, of a partition that it builds, before and after that', async () => {
  await put('1.25');
  // There is nothing yet to plan with, or to use again.
  expect(await run()).toEqual({ built: 3, listings: 2, puts: ACCOUNTS });
  await put('7.50');
  expect(await run()).toEqual({ built: 3, listings: 4, puts: 1 });
  expect(await run()).toEqual({ built: 0, listings: 2, puts: 0 });
}, 240_000);

test('a text file that is gone is put again, and no other', async () => {
  const { names } = await graph.statements();
  const [lost = ''] = names.filter((name) => name.startsWith('77/'));
  await harness.store.delete([directory() + lost]);
  // Of the generation that lacks a file, those that are there are listed once more.
  expect(await run()).toEqual({ built: 1, listings: 5, puts: 1 });
  expect((await graph.statements()).texts['2024-03']?.['77']).toBe(
    'account\tbalance\tmean_credit\n77\t1.25\t1.2500\n',
  );
}, 240_000);
