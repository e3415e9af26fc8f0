import { describe, expect, test } from '@jest/globals';
import { checkCatalogue } from '../../../src/activities/datasets/update-catalogue.ts';
import { checkCatalogue as showsCatalogue } from '../../../src/cli/datasets/check-catalogue.ts';
import type { Catalogue } from '../../../src/clients/catalogue.ts';
import { Transient } from '../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { DescribedColumn } from '../../../src/pipeline/datasets/catalogue/dataset-table.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { COLUMNS, KnownCatalogue, observed } from './known-catalogue.ts';

const harness = withHarness();

const WITH_AGENT: readonly DescribedColumn[] = [...COLUMNS, { name: 'agent', type: { kind: 'string' } }];
const signal = new AbortController().signal;
const check = (known: KnownCatalogue, columns = COLUMNS) =>
  checkCatalogue(known.catalogued({ columns }), signal);

describe('the catalogue of a dataset', () => {
  test('gets database, table and partitions, and then follows the pointers', async () => {
    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.publish('2026-11-02', 1);
    expect(await check(known)).toBe('behind');
    expect(await known.update()).toMatchObject({ partitions: 2, added: 2, switched: 0, removed: 0 });
    expect(await known.generations()).toEqual({ '2026-11-01': 1, '2026-11-02': 1 });
    expect(await known.table()).toMatchObject({
      columns: [{ name: 'id', type: 'string', comment: 'The id.' }],
      partitionKeys: [{ name: 'day', type: 'date' }],
      parameters: { 'tributary.dataset': 'requests' },
    });
    expect(await check(known)).toBe('current');
    expect(await known.update()).toMatchObject({ partitions: 2, added: 0, switched: 0, removed: 0 });

    await known.publish('2026-11-01', 2);
    await known.publish('2026-11-03', 1);
    await known.unpublish('2026-11-02');
    expect(await known.update()).toMatchObject({ partitions: 2, added: 1, switched: 1, removed: 1 });
    expect(await known.generations()).toEqual({ '2026-11-01': 2, '2026-11-03': 1 });
  });

  test('reads no pointer that it knows', async () => {
    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.publish('2026-11-02', 1);
    await known.update();
    await known.publish('2026-11-02', 2);
    const read: string[] = [];
    const { store } = known.files;
    const get: ObjectStore['get'] = (key, options) => {
      read.push(key);
      return store.get(key, options);
    };
    Object.assign(known.files, { store: { ...store, get } });
    await known.update();
    expect(read).toHaveLength(2);
    expect(read.every((key) => key.includes('day=2026-11-02'))).toBe(true);
  });

  test('adds a column to the table first, then to every partition', async () => {
    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.update();
    const calls: string[] = [];
    const catalogue = observed(known.catalogue, { before: async (method) => void calls.push(method) });
    expect(await known.update({ catalogue, columns: WITH_AGENT })).toMatchObject({ added: 0, switched: 1 });
    const changes = calls.filter((method) => /^(update|create)/.test(method));
    expect(changes.slice(0, 3)).toEqual(['updateTable', 'createPartitions', 'updatePartitions']);
    const names = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name);
    expect(names((await known.table()).columns)).toEqual(['id', 'agent']);
    expect((await known.partitions()).map(({ columns }) => names(columns))).toEqual([['id', 'agent']]);
    // A deployment that is rolled back takes no column away.
    await known.update();
    expect(names((await known.table()).columns)).toEqual(['id', 'agent']);
  });

  test('is not changed by a column with another type, nor by files that have one', async () => {
    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.update();
    const asNumber: DescribedColumn[] = [{ name: 'id', type: { kind: 'bigint' } }, COLUMNS[1]!];
    const refused = { name: 'Terminal', code: 'CatalogueTypesDiffer' };
    await expect(check(known, asNumber)).rejects.toMatchObject(refused);
    await expect(known.update({ columns: asNumber })).rejects.toMatchObject(refused);
    await known.publish('2026-11-01', 2, asNumber);
    await expect(known.update()).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('column id is bigint, and is to be string'),
    });
    expect(await known.generations()).toEqual({ '2026-11-01': 1 });

    // Under a new name, once all days have the type.
    const renamed = Object.assign(known, { address: { ...known.address, table: 'requests_2' } });
    await known.publish('2026-11-02', 1);
    await expect(renamed.update({ columns: asNumber })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('day=2026-11-02'),
    });
    await known.publish('2026-11-02', 2, asNumber);
    expect(await renamed.update({ columns: asNumber })).toMatchObject({ added: 2 });
  });

  test('is left alone if the table, or one of its partitions, is of others', async () => {
    const foreign = new KnownCatalogue(harness);
    const { catalogue, address } = foreign;
    await catalogue.createDatabase(address.database);
    const definition = { columns: [], partitionKeys: [], location: 's3://lake/x/', parameters: {} };
    await catalogue.createTable(address, definition);
    await foreign.publish('2026-11-01', 1);
    const refused = { code: 'CatalogueForeign' };
    await expect(check(foreign)).rejects.toMatchObject(refused);
    await expect(foreign.update()).rejects.toMatchObject(refused);
    expect(await foreign.table()).toMatchObject(definition);
    expect(await foreign.partitions()).toEqual([]);

    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.update();
    const location = 's3://lake/other/';
    const other = { values: ['2026-10-31'], location, columns: [], parameters: {} };
    await catalogue.createPartitions(known.address, [other]);
    await known.publish('2026-11-01', 2);
    await expect(known.update()).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('2026-10-31 in s3://lake/other/'),
    });
    expect((await known.partitions()).map((each) => each.location)).toContain(location);
    await catalogue.deletePartitions(known.address, [other.values]);
    expect(await known.update()).toMatchObject({ switched: 1 });
  });

  test('is left alone if the table has partition projection', async () => {
    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.update();
    const table = await known.table();
    const parameters = { ...table.parameters, 'projection.enabled': 'true' };
    await known.catalogue.updateTable(known.address, { ...table, parameters });
    await expect(check(known)).rejects.toMatchObject({ code: 'CatalogueProjected' });
    await expect(known.update()).rejects.toMatchObject({ code: 'CatalogueProjected' });
  });
});

test('`dataset catalogue --check` says what a run would do, and changes nothing', async () => {
  const known = new KnownCatalogue(harness);
  const checked = async (columns = COLUMNS) =>
    await showsCatalogue(known.address, known.catalogued({ columns }).table, undefined);
  await known.publish('2026-11-01', 1);
  expect(await checked()).toMatchObject({ state: 'missing', partitions: 0 });
  expect(await known.catalogue.table(known.address)).toBeUndefined();
  await known.update();
  expect(await checked()).toMatchObject({ state: 'current', partitions: 1 });
  expect(await checked(WITH_AGENT)).toMatchObject({ state: 'behind', partitions: 1 });
  const foreign = { values: ['2026-10-31'], location: 's3://lake/x/', columns: [], parameters: {} };
  await known.catalogue.createPartitions(known.address, [foreign]);
  expect(await checked()).toMatchObject({
    ...{ state: 'CatalogueForeign', partitions: 2 },
    message: expect.stringContaining('2026-10-31 in s3://lake/x/'),
  });
});

describe('an update that ends between two calls', () => {
  test.each(['before', 'after'] as const)('%s any of them, is repaired by the next one', async (moment) => {
    const deaths: string[] = [];
    for (;;) {
      const { known, death, outcome } = await dying(moment, deaths.length + 1);
      if (death === undefined) break;
      deaths.push(death);
      expect(outcome).toMatchObject({ code: 'NetworkFailed' });
      await known.update({ columns: WITH_AGENT });
      expect(await known.generations()).toEqual({ '2026-11-01': 2, '2026-11-03': 1 });
      for (const { columns } of await known.partitions())
        expect(columns.map(({ name }) => name)).toEqual(['id', 'agent']);
    }
    expect(deaths.slice(0, 6)).toEqual([
      ...['table', 'updateTable', 'partitions'],
      ...['createPartitions', 'updatePartitions', 'deletePartitions'],
    ]);
  });

  /** One update with one partition to switch, one to remove, one to add, and a column. @param call at which it dies */
  async function dying(moment: 'before' | 'after', call: number) {
    const known = new KnownCatalogue(harness);
    for (const day of ['2026-11-01', '2026-11-02']) await known.publish(day, 1);
    await known.update();
    await known.publish('2026-11-01', 2);
    await known.unpublish('2026-11-02');
    await known.publish('2026-11-03', 1);
    let [calls, death]: [number, string | undefined] = [0, undefined];
    const catalogue = observed(known.catalogue, {
      [moment]: async (method: string) => {
        if (++calls !== call) return;
        death = method;
        throw new Transient('NetworkFailed', `died ${moment} ${method}`);
      },
    });
    const outcome: unknown = await known.update({ catalogue, columns: WITH_AGENT }).catch((error) => error);
    return { known, death, outcome };
  }
});

describe('two updates at once', () => {
  /** An update that stalls right before it switches partitions. */
  function stalled(known: KnownCatalogue, abort?: AbortController) {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const written: string[] = [];
    const catalogue: Catalogue = {
      ...observed(known.catalogue, {}),
      updatePartitions: async (address, partitions, options) => {
        written.push(...partitions.map(({ location }) => /gen-\d+/.exec(location)![0]));
        reached.resolve();
        await released.promise;
        return await known.catalogue.updatePartitions(address, partitions, options);
      },
    };
    const update = known.update({ catalogue, ...(abort !== undefined && { signal: abort.signal }) });
    update.catch(() => {});
    return { reached: reached.promise, release: () => released.resolve(), update, written };
  }

  async function withGeneration(number: number): Promise<KnownCatalogue> {
    const known = new KnownCatalogue(harness);
    await known.publish('2026-11-01', 1);
    await known.update();
    await known.publish('2026-11-01', number);
    return known;
  }

  test('never leave the older generation, though the older one writes last', async () => {
    const known = await withGeneration(7);
    const older = stalled(known);
    await older.reached;
    await known.publish('2026-11-01', 8);
    expect(await known.update()).toMatchObject({ switched: 1 });
    expect(await known.generations()).toEqual({ '2026-11-01': 8 });
    older.release();
    await older.update;
    expect(older.written).toEqual(['gen-00007', 'gen-00008']);
    expect(await known.generations()).toEqual({ '2026-11-01': 8 });
  });

  test('never leave the older generation, though both are on their way when the older one writes', async () => {
    const known = await withGeneration(7);
    const older = stalled(known);
    await older.reached;
    await known.publish('2026-11-01', 8);
    const newer = stalled(known);
    await newer.reached;
    older.release();
    await older.update;
    expect(await known.generations()).toEqual({ '2026-11-01': 8 });
    newer.release();
    await newer.update;
    expect(await known.generations()).toEqual({ '2026-11-01': 8 });
  });

  test('never leave the older generation, though the older one was cancelled while its write was on its way', async () => {
    const known = await withGeneration(7);
    const abort = new AbortController();
    const older = stalled(known, abort);
    await older.reached;
    await known.publish('2026-11-01', 8);
    await known.update();
    abort.abort(new Error('cancelled'));
    older.release();
    await expect(older.update).rejects.toThrow('cancelled');
    expect(await known.generations()).toEqual({ '2026-11-01': 8 });
  });
});

describe('more partitions than one call takes', () => {
  const days = Array.from({ length: 250 }, (_, index) =>
    new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
  );

  test('are added and switched, while another process adds, switches and deletes some of them', async () => {
    const known = new KnownCatalogue(harness);
    await Promise.all(days.map((day) => known.publish(day, 1)));
    const early = observed(known.catalogue, {
      // Both at once: entries that exist by now fail, the others do not.
      before: async (method) => {
        if (method !== 'createPartitions') return;
        const taken = (await known.partitions()).length > 0;
        if (taken) return;
        const existing = days.slice(0, 130).map((day) => ({
          values: [day],
          location: 's3://lake/older/',
          columns: [],
          parameters: { 'tributary.generation': 'gen-00000-old' },
        }));
        await known.catalogue.createPartitions(known.address, existing);
      },
    });
    expect(await known.update({ catalogue: early })).toMatchObject({
      ...{ partitions: 250, added: 120, switched: 130 },
    });
    expect(new Set(Object.values(await known.generations()))).toEqual(new Set([1]));

    await Promise.all(days.map((day) => known.publish(day, 2)));
    let isDeleted = false;
    const missing = observed(known.catalogue, {
      before: async (method) => {
        if (method !== 'updatePartitions' || isDeleted) return;
        isDeleted = true;
        await known.catalogue.deletePartitions(
          known.address,
          days.slice(0, 40).map((day) => [day]),
        );
      },
    });
    expect(await known.update({ catalogue: missing })).toMatchObject({ added: 40, switched: 210 });
    expect(Object.keys(await known.generations())).toEqual(days);
    expect(new Set(Object.values(await known.generations()))).toEqual(new Set([2]));
  });

  test('of which Glue refuses one: the others are added, and the failure names it', async () => {
    const known = new KnownCatalogue(harness);
    await Promise.all(days.slice(0, 120).map((day) => known.publish(day, 1)));
    const refusing: Catalogue = {
      ...observed(known.catalogue, {}),
      // A value that Glue refuses, in place of one that it takes.
      createPartitions: (address, partitions) =>
        known.catalogue.createPartitions(
          address,
          partitions.map((each, index) =>
            index === 101 ? { ...each, values: [...each.values, 'x'] } : each,
          ),
        ),
    };
    await expect(known.update({ catalogue: refusing })).rejects.toMatchObject({
      ...{ name: 'Terminal', code: 'Refused' },
      message: expect.stringMatching(
        /did not change 1 partition of .*2026-04-12\/x: InvalidInputException: /,
      ),
    });
    expect(await known.partitions()).toHaveLength(119);
    expect(await known.update()).toMatchObject({ partitions: 120, added: 1 });
  });
});
