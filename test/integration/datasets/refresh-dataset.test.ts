import { afterEach, describe, expect, test } from '@jest/globals';
import { wholeListingKey } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';

const harness = withHarness();

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function known(more: Record<string, unknown> = {}): Promise<KnownDataset> {
  const dataset = new KnownDataset(harness, more);
  stop = await harness.startWorkers(dataset.dependencies);
  return dataset;
}

const record = (id: string, day: string, amount: number | string) => ({ id, day, amount });

describe('a dataset', () => {
  test('has each record of each file once, by its own day, whatever runs again', async () => {
    const dataset = await known();
    await dataset.put('2026/11/02/a.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    await dataset.put('2026/11/02/b.gz', [record('c', '2026-11-02', '9223372036854775807')]);
    await dataset.put('2026/11/02/notes.txt', []);
    expect(await dataset.run()).toMatchObject({
      files: 2,
      records: 3,
      rejects: 0,
      partitions: 2,
      failed: [],
    });
    const rows = ['2026-11-01 a 1', '2026-11-02 b 2', '2026-11-02 c 9223372036854775807'];
    expect(await dataset.rows()).toEqual(rows);
    expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
    expect(await dataset.rows()).toEqual(rows);
  });

  test('replaces the rows of a file that was overwritten, on all of its days', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    await dataset.put('y.gz', [record('c', '2026-11-01', 3)]);
    await dataset.run();
    await dataset.put('x.gz', [record('b', '2026-11-02', 20)]);
    expect(await dataset.run()).toMatchObject({ files: 1, partitions: 2 });
    expect(await dataset.rows()).toEqual(['2026-11-01 c 3', '2026-11-02 b 20']);
  });

  test('keeps of duplicates the greatest, and shows the other again once its file lacks it', async () => {
    const dataset = await known({ deduplicate: { key: ['id', 'day'] } });
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    await dataset.put('y.gz', [record('a', '2026-11-01', 2)]);
    expect(await dataset.run()).toMatchObject({ failed: [] });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 2']);
    await dataset.put('y.gz', [record('b', '2026-11-01', 5)]);
    await dataset.run();
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 5']);
  });

  test('sets aside what cannot be a row, and parks a batch with too many of them', async () => {
    const dataset = await known({ maxRejects: 1 });
    await dataset.put('x.gz', [record('a', '2026-11-01', 'no number'), record('b', '2026-11-01', 2)]);
    expect(await dataset.run()).toMatchObject({ files: 1, records: 2, rejects: 1, parked: 0 });
    expect(await dataset.rows()).toEqual(['2026-11-01 b 2']);
    await dataset.put('y.gz', [record('c', 'no day', 1), record('d', 'no day', 1)]);
    expect(await dataset.run()).toMatchObject({ files: 1, parked: 1, partitions: 0 });
    expect(await dataset.rows()).toEqual(['2026-11-01 b 2']);
    await dataset.put('y.gz', [record('c', '2026-11-01', 1)]);
    expect(await dataset.run()).toMatchObject({ files: 1, parked: 0 });
    expect(await dataset.rows()).toEqual(['2026-11-01 b 2', '2026-11-01 c 1']);
  });

  test('lists the dated folders, and once a day the whole source', async () => {
    const dataset = await known({ source: { listPrefixes: ['%Y/%m/%d/'] } });
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    await dataset.put(`${today}/a.gz`, [record('a', '2026-11-01', 1)]);
    await dataset.put('2011/01/01/b.gz', [record('b', '2026-11-01', 2)]);
    expect(await dataset.run()).toMatchObject({ files: 2 });
    await dataset.put(`${today}/c.gz`, [record('c', '2026-11-01', 3)]);
    await dataset.put('2011/01/01/d.gz', [record('d', '2026-11-01', 4)]);
    expect(await dataset.run()).toMatchObject({ files: 1 });
    const at = new Date(Date.now() - 86_500_000).toISOString();
    const key = wholeListingKey(dataset.files.at);
    await dataset.files.store.put(key, JSON.stringify({ version: 1, at }));
    expect(await dataset.run()).toMatchObject({ files: 1 });
    expect(await dataset.run()).toMatchObject({ files: 0 });
    expect(await dataset.rows()).toEqual(['a 1', 'b 2', 'c 3', 'd 4'].map((row) => `2026-11-01 ${row}`));
  });

  test('publishes rows for late days with the next late pass', async () => {
    const dataset = await known({ late: { after: '3d', every: '1d' } });
    await dataset.put('x.gz', [record('a', '2011-01-01', 1)]);
    expect(await dataset.run({ late: false })).toMatchObject({ files: 1, partitions: 0 });
    expect(await dataset.rows()).toEqual([]);
    expect(await dataset.run({ late: true })).toMatchObject({ files: 0, partitions: 1 });
    expect(await dataset.rows()).toEqual(['2011-01-01 a 1']);
  });
});
