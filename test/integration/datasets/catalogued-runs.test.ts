import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Catalogue } from '../../../src/clients/catalogue.ts';
import { Transient } from '../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { TableEngine } from '../../../src/clients/table-engine.ts';
import { type CatalogueUpdate, updateCatalogueWorkflowId } from '../../../src/contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { generationDirectory, generationName } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { type Answer, byLocations, byPointers, DatasetReader } from './dataset-readers.ts';
import { observed } from './known-catalogue.ts';
import { KnownDataset, MODULE } from './known-dataset.ts';

const harness = withHarness();

let stop: () => Promise<void> = async () => {};
const readers: DatasetReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.end();
  await stopped();
});

async function stopped(): Promise<void> {
  await stop();
  stop = async () => {};
}

const record = (id: string, day: string, amount: number) => ({ id, day, amount, agent: 'x' });

async function catalogued() {
  const address = { database: uniqueName('db'), table: 'requests' };
  const { bucket } = testStack().s3;
  const prefix = uniqueName('catalogued');
  const dataset = new KnownDataset(harness, {
    store: { bucket, prefix, catalogue: { kind: 'glue', ...address } },
  });
  const catalogue: Catalogue = harness.dependencies.catalogue(undefined);
  const deploy = async (module = MODULE, over: (catalogue: Catalogue) => Catalogue = (each) => each) => {
    await stopped();
    dataset.deploy(module);
    stop = await harness.startWorkers({ ...dataset.dependencies, catalogue: () => over(catalogue) });
  };
  /** By value, whether the catalogue names the folder of the current generation. */
  const isCurrent = async () => {
    const locations = new Map<string, string>();
    for await (const { values, location } of catalogue.partitions(address))
      locations.set(`day=${values[0]}`, location);
    const published = await dataset.published();
    expect([...locations.keys()].toSorted()).toEqual([...published.keys()].toSorted());
    for (const [partition, { generation, id, files }] of published) {
      const folder = generationDirectory({ prefix }, partition, generationName(generation, id));
      expect(locations.get(partition)).toBe(`s3://${bucket}/${folder}`);
      for (const { key } of files) expect(key.startsWith(folder)).toBe(true);
    }
  };
  return { dataset, catalogue, address, deploy, isCurrent };
}

const WITH_AGENT = MODULE.replace(
  '  amount:',
  "  agent: { type: 'string', from: 'agent', comment: 'Who.' },\n  amount:",
);
const AS_DECIMAL = MODULE.replace("amount: { type: 'bigint'", "amount: { type: 'decimal(20,2)'");
const AS_TEXT = MODULE.replace("amount: { type: 'bigint'", "amount: { type: 'string'");

describe('a run of a dataset with a catalogue', () => {
  test('publishes, switches and adds columns there', async () => {
    const { dataset, catalogue, address, deploy, isCurrent } = await catalogued();
    await deploy();
    await dataset.put('a.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    const table = `${address.database}.${address.table}`;
    expect(await dataset.run()).toMatchObject({
      partitions: 2,
      failed: [],
      catalogue: { table, partitions: 2, added: 2, switched: 0, removed: 0 },
    });
    await isCurrent();

    await dataset.put('b.gz', [record('c', '2026-11-02', 3)]);
    expect(await dataset.run()).toMatchObject({ catalogue: { added: 0, switched: 1 } });
    await isCurrent();
    expect(await dataset.run()).toMatchObject({ files: 0, catalogue: { added: 0, switched: 0 } });

    await deploy(WITH_AGENT);
    await dataset.put('c.gz', [record('d', '2026-11-03', 4)]);
    // The other partitions have got the column before the first file with it.
    expect(await dataset.run()).toMatchObject({ failed: [], catalogue: { added: 1, switched: 0 } });
    await isCurrent();
    const found = await catalogue.table(address);
    expect(found?.columns.map(({ name, comment }) => [name, comment])).toEqual([
      ['id', undefined],
      ['amount', undefined],
      ['agent', 'Who.'],
    ]);
    for await (const { columns } of catalogue.partitions(address))
      expect(columns.map(({ name }) => name)).toEqual(['id', 'amount', 'agent']);
  });

  test('takes nothing while a type differs, or the table has partition projection', async () => {
    const { dataset, catalogue, address, deploy, isCurrent } = await catalogued();
    await deploy();
    await dataset.put('a.gz', [record('a', '2026-11-01', 1)]);
    await dataset.run();
    await deploy(AS_TEXT);
    await dataset.put('b.gz', [record('b', '2026-11-01', 2)]);
    const failsWith = (message: string) =>
      expect(dataset.run()).rejects.toMatchObject({ cause: { message: expect.stringContaining(message) } });
    await failsWith('column amount was bigint, now string');
    expect((await dataset.published()).get('day=2026-11-01')?.generation).toBe(1);

    await deploy();
    const table = await catalogue.table(address);
    const parameters = { ...table!.parameters, 'projection.enabled': 'true' };
    await catalogue.updateTable(address, { ...table!, parameters });
    await failsWith('partition projection');
    const again = await catalogue.table(address);
    await catalogue.updateTable(address, {
      ...again!,
      parameters: { ...parameters, 'projection.enabled': 'false' },
    });
    expect(await dataset.run()).toMatchObject({ files: 1, catalogue: { switched: 1 } });
    await isCurrent();
  });

  test('fills a new table with other types once all days are rebuilt', async () => {
    const { dataset, catalogue, address, deploy } = await catalogued();
    await deploy();
    await dataset.put('a.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    await dataset.run();
    await deploy(AS_DECIMAL);
    const { store } = dataset.definition;
    const table = 'requests_2';
    dataset.definition = {
      ...dataset.definition,
      store: { ...store, catalogue: { kind: 'glue', ...address, table } },
    };
    await expect(dataset.run()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('column amount is bigint, and is to be decimal(20,2)') },
    });
    const rebuilt = (day: string) => dataset.run({ rebuild: { from: day, to: day } });
    expect(await rebuilt('2026-11-01')).toMatchObject({
      ...{ partitions: 1, failed: [{ child: 'catalogue', code: 'CatalogueTypesDiffer' }] },
    });
    expect(await rebuilt('2026-11-02')).toMatchObject({ failed: [], catalogue: { partitions: 2, added: 2 } });
    expect((await catalogue.table({ ...address, table }))?.columns[1]).toMatchObject({
      type: 'decimal(20,2)',
    });
    for await (const { location } of catalogue.partitions(address)) expect(location).toContain('/gen-00001-');
    for await (const { location } of catalogue.partitions({ ...address, table }))
      expect(location).toContain('/gen-00002-');
  });

  test('repairs it after failures of Glue, and two of them at once leave it current', async () => {
    const { dataset, deploy, isCurrent } = await catalogued();
    let calls = 0;
    await deploy(MODULE, (catalogue) =>
      observed(catalogue, {
        after: async (method) => {
          // Each answer of the first ten is lost, but those between them.
          if (++calls % 2 === 1 && calls < 20) throw new Transient('NetworkFailed', `lost: ${method}`);
        },
      }),
    );
    await dataset.put('a.gz', [record('a', '2026-11-01', 1)]);
    await dataset.put('b.gz', [record('b', '2026-11-02', 2)]);
    expect(await Promise.all([dataset.run(), dataset.run()])).toMatchObject([{ failed: [] }, { failed: [] }]);
    await isCurrent();
    expect(calls).toBeGreaterThan(10);
  });

  test('has published when the catalogue fails; its update can be started alone', async () => {
    const { dataset, catalogue, address, deploy, isCurrent } = await catalogued();
    await deploy();
    await dataset.put('a.gz', [record('a', '2026-11-01', 1)]);
    await dataset.run();
    const foreign = { values: ['2026-01-01'], location: 's3://lake/x/', columns: [], parameters: {} };
    await catalogue.createPartitions(address, [foreign]);
    await dataset.put('b.gz', [record('b', '2026-11-01', 2)]);
    const result = await dataset.run();
    expect(result.catalogue).toBeUndefined();
    expect(result).toMatchObject({
      partitions: 1,
      failed: [{ child: 'catalogue', code: 'CatalogueForeign' }],
    });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 2']);
    await catalogue.deletePartitions(address, [foreign.values]);
    const update = (await harness.client.workflow.execute('updateCatalogue', {
      workflowId: updateCatalogueWorkflowId(dataset.name),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ dataset: dataset.name }],
    })) as CatalogueUpdate;
    expect(update).toMatchObject({ partitions: 1, switched: 1 });
    await isCurrent();
  });

  test('rebuilds days while others read: each answer is one generation, whole', async () => {
    const { dataset, catalogue, address, isCurrent } = await catalogued();
    const { files } = dataset;
    for (const locate of [byPointers(files), byLocations(catalogue, address, files.store)])
      readers.push(new DatasetReader(locate, files.store, harness.directory()));
    let isWatched = false;
    // Every write of a worker is followed by a reading of both.
    const readAfter = async <T>(write: Promise<T>): Promise<T> => {
      const answer = await write;
      if (isWatched) for (const reader of readers) await reader.read();
      return answer;
    };
    const read = (store: ObjectStore): ObjectStore => ({
      ...store,
      put: (...given) => readAfter(store.put(...given)),
      putNew: (...given) => readAfter(store.putNew(...given)),
      putIfMatch: (...given) => readAfter(store.putIfMatch(...given)),
      delete: (...given) => readAfter(store.delete(...given)),
    });
    const { dependencies } = dataset;
    stop = await harness.startWorkers({
      ...dependencies,
      store: (bucket) => read(dependencies.store(bucket)),
      catalogue: () => observed(catalogue, { after: () => readAfter(Promise.resolve()) }),
      tableEngine: inSmallFiles(dependencies.tableEngine),
    });
    for (const day of DAYS) await dataset.put(`${day}.gz`, recordsOf(day));
    await dataset.run();
    for (const { files: own } of (await dataset.published()).values()) expect(own.length).toBeGreaterThan(1);

    isWatched = true;
    const reading = Promise.all(readers.map((reader) => reader.run()));
    for (const factor of FACTORS.slice(1)) {
      // These readers know where the rows are, and take their time until the days are rebuilt, and what is old is deleted.
      const slow = await Promise.all(readers.map((reader) => reader.begin()));
      dataset.redeploy((module) =>
        module.replace("from: 'amount' }", `from: 'amount', convert: (value) => Number(value) * ${factor} }`),
      );
      await dataset.files.store.delete([`${files.at.prefix}/_tributary/pruned.json`]);
      const range = { from: DAYS[0]!, to: DAYS.at(-1)! };
      expect(await dataset.run({ rebuild: range })).toMatchObject({ partitions: DAYS.length, failed: [] });
      for (const finish of slow) await finish();
    }
    for (const reader of readers) {
      await reader.read();
      reader.end();
    }
    await reading;
    await isCurrent();
    for (const { answers } of readers) {
      expect(answers.flatMap(notOneGeneration)).toEqual([]);
      // They have seen every generation of every day.
      for (const day of DAYS)
        expect(new Set(answers.map((answer) => factorOf(answer, day)))).toEqual(new Set(FACTORS));
    }
  });
});

const DAYS = ['2026-11-01', '2026-11-02', '2026-11-03'];
/** What amounts are multiplied with, by generation. */
const FACTORS = [1, 10, 100];

const recordsOf = (day: string) =>
  Array.from({ length: 300 }, (_, i) => record(`${day}-${String(i).padStart(4, '0')}`, day, i + 1));

/** The generation that an answer has of a day; undefined if it is not exactly one. */
const factorOf = (answer: Answer, day: string): number | undefined =>
  FACTORS.find((factor) => {
    const rows = recordsOf(day).map(({ id, amount }) => `${id} ${amount * factor}`);
    return isDeepStrictEqual(rows, answer.get(`day=${day}`));
  });

/** Days of an answer that are missing, empty, or a mixture. */
const notOneGeneration = (answer: Answer): string[] => {
  const wrong = DAYS.filter((day) => factorOf(answer, day) === undefined);
  return wrong.map((day) => `${day}: ${answer.get(`day=${day}`)?.length} rows`);
};

/** The same engine, whose partitions have several files. */
const inSmallFiles = (engine: TableEngine): TableEngine => ({
  ...engine,
  mergePartition: (request, options) =>
    engine.mergePartition({ ...request, sizes: { smallBytes: 1, targetBytes: 1000 } }, options),
});
