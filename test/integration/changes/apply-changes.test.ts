import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import type { applyChanges } from '../../../src/workflows/changes/apply-changes.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put, remove } from './logged-table.ts';
import { untilHealthy } from './until-healthy.ts';

/** Changes that a test writes to the log, applied to the tables of a real refresh. */

const item = (id: string, n: number, more: Item = {}): Item => ({
  id: { S: id },
  n: { N: String(n) },
  ...more,
});
const id = (text: string): Item => ({ id: { S: text } });
const list = (...texts: string[]): AttributeValue => ({ L: texts.map((S) => ({ S })) });

/** The mapping's fixtures that need no mapping. */
function fixtures(): Item[] {
  const directory = new URL('../../fixtures/items/', import.meta.url);
  const read = (file: string) => JSON.parse(readFileSync(new URL(file, directory), 'utf8'));
  return readdirSync(directory)
    .filter((file) => file.endsWith('.item.json'))
    .map((file) => file.slice(0, -'.item.json'.length))
    .flatMap((name) => {
      const { key, mapping, rejected } = read(`${name}.expected.json`);
      if (key !== undefined || mapping !== undefined || rejected !== undefined) return [];
      return [{ ...read(`${name}.item.json`), ...id(name) } as Item];
    });
}

describe('changes', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  async function expectModel(logged: LoggedTable): Promise<void> {
    await logged.applied();
    expect(await logged.items()).toEqual(logged.expected());
  }

  test('inserts, updates and removals reach live as they reached the table', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1), item('b', 2), item('c', 3)]);
    await logged.record([put(item('a', 10)), put(item('d', 4)), remove(id('b'))]);
    await logged.start();
    await expectModel(logged);
    await logged.record([put(item('b', 20)), remove(id('d')), put(item('d', 40)), put(item('a ', 7))]);
    await logged.record([remove(id('c')), put(item('a', 11))]);
    await expectModel(logged);
    expect(logged.model.size).toBe(4);
    const { totals } = await until(
      () => logged.progress(),
      (progress) => progress.totals.changes === 9,
    );
    expect(totals).toMatchObject({ changes: 9, setAside: 0 });
  });

  test('images of every kind become the rows that a refresh makes of them', async () => {
    const items = fixtures();
    const logged = await LoggedTable.copied(harness, items);
    const refreshed = await logged.dump();
    await logged.record(items.map((each) => put({ ...each })));
    await logged.start();
    await expectModel(logged);
    expect(await logged.dump()).toEqual(refreshed);
    await logged.record(items.map((each) => remove(each)));
    await logged.applied();
    expect(Object.values(await logged.dump()).flat()).toEqual([]);
  });

  test('new attributes, lists and longer texts get their columns and tables, which the next run keeps', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1, { s: { S: 'short' } }), item('b', 2)], {
      warehouse: { runColumns: true },
    });
    await logged.start();
    await logged.record([
      put(item('a', 1, { s: { S: 'longer than the column was before' }, l: list('x', 'y', 'z') })),
      put(item('c', 3, { fresh: { BOOL: true }, m: { M: { deep: { L: [{ M: { sku: { S: 'q' } } }] } } } })),
    ]);
    await expectModel(logged);
    await logged.record([put(item('a', 1, { l: list('only') })), put(item('b', 2, { l: list('p', 'q') }))]);
    await expectModel(logged);
    await logged.record([put(item('a', 1, { l: list() })), put(item('b', 2))]);
    await expectModel(logged);
    const names = (await logged.manifest()).tables.map((table) => [
      table.name,
      table.columns.map((column) => column.name),
    ]);
    expect(names).toHaveLength(3);
    await logged.refreshFromModel();
    expect(
      (await logged.manifest()).tables.map(({ name, columns }) => [name, columns.map((c) => c.name)]),
    ).toEqual(names);
    await logged.record([put(item('z', 9, { fresh: { BOOL: false } }))]);
    await expectModel(logged);
  });

  test('of many new attributes 20 get columns, and the others are complete in _rest', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    await logged.start();
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, { S: `v${i}` }]));
    await logged.record([put(item('b', 2, { ...many, more: list('a', 'b') }))]);
    await expectModel(logged);
    await logged.record([put(item('c', 2, { later: { S: 'one more' } }))]);
    await expectModel(logged);
    const [root] = (await logged.manifest()).tables;
    expect(root?.columns).toHaveLength(2 + 20 + 2);
  });

  test('an item that cannot be written leaves and is set aside, until its next image clears it', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1), item('b', 2)]);
    await logged.start();
    await logged.record([
      put(item('a', 1, { bad: { S: '\ud800' } })),
      put({ ...id('\u0000'), n: { N: '1' } }),
    ]);
    await logged.applied();
    const setAside = () =>
      harness.sql(`SELECT "reason" FROM "${logged.pipeline.schema}"."_tributary_set_aside" ORDER BY 1`);
    expect((await setAside()).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('half of a surrogate pair'),
      expect.stringContaining('U+0000'),
    ]);
    expect([...(await logged.items()).keys()]).toEqual(['["b"]']);
    await logged.record([put(item('a', 5)), remove(id('\u0000'))]);
    await expectModel(logged);
    expect(await setAside()).toEqual([]);
  });

  test('items of entities, and those that where leaves out, leave every table they were in', async () => {
    const order = (text: string, more: Item = {}): Item => ({ ...id(text), kind: { S: 'order' }, ...more });
    const logged = await LoggedTable.copied(
      harness,
      [order('a', { lines: list('x') }), item('b', 1, { kind: { S: 'user' }, tags: list('t') })],
      {
        mapping: {
          entities: { orders: { attribute: 'kind', equals: 'order' } },
          where: [{ attribute: 'gone', exists: false }],
        },
      },
    );
    await logged.start();
    await logged.record([
      put(order('a', { lines: list('y', 'z') })),
      put(order('b', { lines: list('was a user') })),
      put(order('c', { gone: { BOOL: true } })),
    ]);
    await logged.applied();
    logged.model.delete('c');
    expect(await logged.items()).toEqual(logged.expected());
    await logged.record([
      put(order('a', { gone: { BOOL: true } })),
      put(item('b', 2, { kind: { S: 'user' } })),
    ]);
    await logged.applied();
    logged.model.delete('a');
    expect(await logged.items()).toEqual(logged.expected());
  });

  test('30 child tables are applied in one transaction', async () => {
    const lists = (text: string) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`l${i}`, list(text, `${text}${i}`)]));
    const logged = await LoggedTable.copied(harness, [item('a', 1, lists('x')), item('b', 2, lists('y'))]);
    await logged.start();
    await logged.record([
      put(item('a', 1, lists('changed'))),
      remove(id('b')),
      put(item('c', 1, lists('new'))),
    ]);
    await expectModel(logged);
    const { totals } = await until(
      () => logged.progress(),
      (progress) => progress.totals.changes === 3,
    );
    expect(totals.rounds).toBe(1);
  });

  test('a value that needs another type waits for a refresh, which never needs another one for it', async () => {
    // So that one round takes one checkpoint.
    const warehouse = { applyBytes: 1 };
    const logged = await LoggedTable.copied(harness, [item('a', 1, { day: { S: '2026-11-30' } })], {
      warehouse,
    });
    await logged.record([put(item('b', 2, { day: { S: 'soon' } })), put(item('c', 2))]);
    // The same refresh has to make room for what waits behind it.
    await logged.record([put(item('c', 2, { n: { S: 'text' } }))]);
    await logged.start();
    const { needsRefresh } = await until(
      () => logged.progress(),
      ({ state }) => state === 'waiting for a refresh',
    );
    expect(needsRefresh).toMatchObject({ code: 'TypesChange' });
    expect([...(await logged.items()).keys()]).toEqual(['["a"]']);
    // The source has no such value by then: the types follow from what waits in the log.
    await logged.triggeredRefresh([
      { epoch: logged.log.at.epoch, shard: 'shard-1', checkpoint: 0, ended: false },
    ]);
    await logged.handle().signal('more');
    await expectModel(logged);
    await untilHealthy(() => logged.progress());
  });

  test('a split shard: changes of a child come after all those of its parent', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    await logged.addShard('shard-2', 'shard-1');
    await logged.start();
    await logged.record([put(item('a', 3)), put(item('b', 3))], { shard: 'shard-2' });
    await logged.record([put(item('a', 2)), put(item('b', 2))]);
    await logged.record([], { ended: true });
    logged.model.set('a', item('a', 3)).set('b', item('b', 3));
    await expectModel(logged);
  });

  test('pause, termination and a second applier lose nothing and repeat nothing', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    const handle = await logged.start();
    await logged.record([put(item('b', 1))]);
    await logged.applied();
    expect(await handle.executeUpdate('pause', { args: ['maintenance'] })).toBe('paused');
    await logged.record([put(item('c', 1)), remove(id('a'))]);
    await handle.terminate('by a test');
    const again = await logged.start();
    await until(
      () => logged.progress(),
      ({ state }) => state === 'paused',
    );
    expect([...(await logged.items()).keys()].sort()).toEqual(['["a"]', '["b"]']);
    const rival = await harness.client.workflow.start<typeof applyChanges>('applyChanges', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('rival'),
      args: [{ pipeline: logged.pipeline.pipeline }],
    });
    expect(await again.executeUpdate('resume')).toBe('resumed');
    await rival.signal('resume');
    for (let n = 0; n < 10; n++)
      await logged.record([put(item('b', n)), put(item(`d${n}`, n)), remove(id('c'))]);
    await expectModel(logged);
    await rival.terminate('by a test');
  });
});
