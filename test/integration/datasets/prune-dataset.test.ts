import { expect, test } from '@jest/globals';
import { openDataset } from '../../../src/activities/datasets/open-dataset.ts';
import { pruneDataset } from '../../../src/activities/datasets/prune-dataset.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';

const harness = withHarness();
const { signal } = new AbortController();
const DAY_MS = 86_400_000;

test('superseded generations and rows of batches are deleted in time, and nothing else', async () => {
  const dataset = new KnownDataset(harness);
  const stop = await harness.startWorkers(dataset.dependencies);
  try {
    await dataset.put('x.gz', [{ id: 'a', day: '2026-11-01', amount: 1 }]);
    await dataset.run();
    await dataset.put('y.gz', [{ id: 'b', day: '2026-11-01', amount: 2 }]);
    await dataset.run();
  } finally {
    await stop();
  }
  const keys = async () =>
    (await Array.fromAsync(harness.store.list(`${dataset.files.at.prefix}/`))).map(({ key }) => key);
  const pruned = async (days: number) => {
    const { dependencies } = dataset;
    const time = async () => new Date(Date.now() + days * DAY_MS);
    const deps = {
      ...dependencies,
      bucketMaintenance: (bucket: string) => ({ ...dependencies.bucketMaintenance(bucket), time }),
    };
    const open = await openDataset(deps, dataset.name);
    const pins = async () => ({ generations: new Map(), records: new Map() });
    const context = { deps, catalogued: undefined, pins, signal, onDeleted: () => {} };
    return pruneDataset(context, open);
  };
  const before = await keys();
  expect(await pruned(0.5)).toMatchObject({ objects: 0 });
  expect(await pruned(1.5)).toMatchObject({ generations: 0, objects: 0 });
  // The document, a data file and a side file of the first generation.
  expect(await pruned(3)).toMatchObject({ generations: 1, objects: 3 });
  expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 2']);
  // The rows that each of the two batches wrote.
  expect(await pruned(9)).toMatchObject({ generations: 0, objects: 2 });
  expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 2']);
  const after = new Set(await keys());
  const gone = before.filter((key) => !after.has(key));
  expect(gone.filter((key) => key.includes('/gen-00001-'))).toHaveLength(3);
  expect(gone.filter((key) => /\/batch-00000\/[^/]+\/0\.parquet$/.test(key))).toHaveLength(2);
  expect(gone).toHaveLength(5);
});
