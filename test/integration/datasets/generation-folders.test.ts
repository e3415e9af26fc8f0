import { afterEach, describe, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { TableEngine } from '../../../src/clients/table-engine.ts';
import { generationDirectory, generationName } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';
import { WriteGates } from './write-gates.ts';

const harness = withHarness();
const gates = new WriteGates();

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

const DAY = '2026-11-01';
const PARTITION = `day=${DAY}`;
const record = (i: number) => ({ id: String(i).padStart(5, '0'), day: DAY, amount: i });
const records = (first: number, count: number) => Array.from({ length: count }, (_, i) => record(first + i));
const rowsOf = (count: number) => records(0, count).map(({ id, amount }) => `${DAY} ${id} ${amount}`);

/** The same engine, for which files are large from 1,000 bytes on. */
const inSmallFiles = (engine: TableEngine): TableEngine => ({
  ...engine,
  mergePartition: (request, options) =>
    engine.mergePartition({ ...request, sizes: { smallBytes: 1000, targetBytes: 1500 } }, options),
});

/** @param copied the keys that workers copy on the server */
async function known(copied: string[] = []): Promise<KnownDataset> {
  const dataset = new KnownDataset(harness);
  const { dependencies } = dataset;
  const observed = (store: ObjectStore): ObjectStore => ({
    ...store,
    copy: (from, ...given) => {
      copied.push(from.key);
      return store.copy(from, ...given);
    },
  });
  stop = await harness.startWorkers({
    ...dependencies,
    store: (bucket) => observed(gates.over(dependencies.store(bucket))),
    tableEngine: inSmallFiles(dependencies.tableEngine),
  });
  return dataset;
}

async function current(dataset: KnownDataset) {
  const generation = (await dataset.published()).get(PARTITION)!;
  const name = generationName(generation.generation, generation.id);
  const folder = generationDirectory(dataset.files.at, PARTITION, name);
  const keys: string[] = [];
  for await (const { key } of harness.store.list(folder)) keys.push(key);
  return { generation, folder, keys };
}

describe('the folder of a generation', () => {
  test('has all files: large ones are copied on the server, small ones are written together with new rows', async () => {
    const copied: string[] = [];
    const dataset = await known(copied);
    await dataset.put('a.gz', records(0, 900));
    await dataset.run();
    const first = await current(dataset);
    const { files } = first.generation;
    expect(files.length).toBeGreaterThan(1);
    expect(Math.min(...files.map(({ bytes }) => bytes))).toBeGreaterThanOrEqual(1000);
    expect(copied).toEqual([]);

    await dataset.put('b.gz', records(900, 10));
    await dataset.run();
    const second = await current(dataset);
    // Data and side file of each, and no others.
    expect(copied.toSorted()).toEqual(files.flatMap(({ key, side }) => [key, side.key]).toSorted());
    expect(second.generation.files.map(({ etag, rows }) => ({ etag, rows }))).toEqual([
      ...files.map(({ etag, rows }) => ({ etag, rows })),
      { etag: expect.any(String), rows: 10 },
    ]);
    expect(second.keys.toSorted()).toEqual(second.generation.files.map(({ key }) => key).toSorted());
    expect(second.keys.every((key) => key.startsWith(second.folder))).toBe(true);

    // The file of ten rows is small: it grows, instead of another one beside it.
    copied.length = 0;
    await dataset.put('c.gz', records(910, 10));
    await dataset.run();
    const third = await current(dataset);
    expect(third.generation.files.map(({ rows }) => rows)).toEqual([...files.map(({ rows }) => rows), 20]);
    expect(copied).toHaveLength(2 * files.length);
    expect(await dataset.rows()).toEqual(rowsOf(920));
  });

  test('that another process has written to is never published: another one is', async () => {
    const dataset = await known();
    await dataset.put('a.gz', records(0, 5));
    const written = gates.hold('after', new RegExp(`/${PARTITION}/gen-00001-[^/]+/0000\\.parquet$`));
    const run = dataset.run();
    const key = await written.isMet;
    await harness.store.put(key.replace('0000.parquet', 'other.parquet'), Buffer.from('other'));
    written.release();
    expect(await run).toMatchObject({ partitions: 1, failed: [] });
    const { generation, folder, keys } = await current(dataset);
    expect(key.startsWith(folder)).toBe(false);
    expect(keys).toEqual(generation.files.map(({ key: own }) => own));
    expect(await dataset.rows()).toEqual(rowsOf(5));
  });
});
