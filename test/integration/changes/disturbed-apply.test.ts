import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Transient } from '../../../src/clients/errors.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { control } from '../pipeline/broken-tables.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put, remove } from './logged-table.ts';

/** Applies that are disturbed at the worst time: before and after their transaction is submitted. */

interface Disturbance {
  /** May throw: the response is lost, or the request. */
  before?: (() => Promise<void>) | undefined;
  after?: (() => Promise<void>) | undefined;
  applies: number;
}

const disturbance: Disturbance = { applies: 0 };
beforeEach(() => {
  disturbance.before = undefined;
  disturbance.after = undefined;
  disturbance.applies = 0;
});

const isApply = (statements: readonly string[]) =>
  statements.some((sql) => sql.startsWith('CREATE TEMP TABLE "_tributary_keys"'));

function disturbed(real: WorkerDependencies): WorkerDependencies {
  return {
    ...real,
    warehouse: (target) => {
      const warehouse = real.warehouse(target);
      const submit: Warehouse['submit'] = async (statements, options) => {
        if (!isApply(statements)) return warehouse.submit(statements, options);
        disturbance.applies++;
        await disturbance.before?.();
        const id = await warehouse.submit(statements, options);
        await disturbance.after?.();
        return id;
      };
      return { ...warehouse, submit };
    },
  };
}

/** Does something the first time only. */
function once(work: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    isDone = true;
    await work();
  };
}

const lost = async () => {
  throw new Transient('NetworkFailed', 'the response was lost');
};

const item = (id: string, n: number): Item => ({
  id: { S: id },
  n: { N: String(n) },
  l: { L: [{ S: id }, { N: String(n) }] },
});

describe('an apply', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers(disturbed(harness.dependencies));
  });

  async function expectModel(logged: LoggedTable): Promise<void> {
    await logged.applied();
    expect(await logged.items()).toEqual(logged.expected());
  }

  test('whose commit was never answered is not applied again', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    disturbance.after = once(lost);
    await logged.record([put(item('a', 2)), put(item('b', 1))]);
    await logged.start();
    await expectModel(logged);
    await logged.record([remove(item('b', 1)), put(item('c', 1))]);
    await expectModel(logged);
  });

  test('whose request was lost is applied once', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    disturbance.before = once(lost);
    await logged.record([put(item('a', 2)), put(item('b', 1))]);
    await logged.start();
    await expectModel(logged);
    expect(disturbance.applies).toBeGreaterThan(1);
  });

  test('that a lost worker has left running is ended by the next one, and no other transaction', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    const { schema, definition } = logged.pipeline;
    const warehouse = harness.dependencies.warehouse(definition.warehouse);
    const { id: endless } = await control('POST', 'faults', {
      count: 'always',
      kind: 'never-ends',
      sql: `endless ${schema}`,
    });
    const start = (name: string, ...before: string[]) =>
      warehouse.submit([...before, `SELECT 'endless ${schema}'`], { name, clientToken: randomUUID() });
    const states = async () => {
      const all = await Promise.all([orphan, other].map((id) => warehouse.describe(id)));
      return all.map(({ status }) => status);
    };
    const lock = `LOCK TABLE "${schema}"."_tributary_positions"`;
    const orphan = await start(`tributary apply changes to ${schema}`, lock);
    const other = await start(`tributary apply changes to ${schema}_eu`);
    try {
      await until(states, (found) => found.every((status) => status === 'STARTED'));
      await logged.record([put(item('a', 2)), put(item('b', 1))]);
      await logged.start();
      await until(states, ([first]) => first === 'ABORTED');
      await expectModel(logged);
      expect(await states()).toEqual(['ABORTED', 'STARTED']);
    } finally {
      await control('DELETE', `faults/${String(endless)}`);
      await warehouse.cancel(other);
    }
  });

  test('planned before a refresh replaced live changes nothing of the new tables', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1), item('b', 1)]);
    disturbance.before = once(async () => {
      // The new tables have these changes, and a later one.
      logged.model.set('b', item('b', 3));
      await logged.refreshFromModel();
    });
    await logged.record([put(item('a', 2)), put(item('b', 2))]);
    await logged.start();
    await logged.applied();
    await logged.record([put(item('c', 1))]);
    await expectModel(logged);
  });

  test('of a workflow that is terminated is followed by those of the next one, from the positions', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    await logged.start();
    await logged.record([put(item('a', 2))]);
    await logged.applied();
    for (let n = 0; n < 5; n++) {
      await logged.record([
        put(item('a', n)),
        put(item(`b${n}`, n)),
        ...(n > 0 ? [remove(item(`b${n - 1}`, 0))] : []),
      ]);
    }
    await logged.handle().terminate('by a test');
    await logged.start();
    await expectModel(logged);
  });

  test.each(['before', 'after'] as const)(
    'of a rewind is exact, although a message is lost and its worker is slower than the next apply (%s)',
    async (when) => {
      const logged = await LoggedTable.copied(harness, [item('a', 1)]);
      await logged.record([put(item('a', 2)), put(item('b', 1))], { writtenAt: '2026-11-30T11:00:00.000Z' });
      await logged.start();
      await expectModel(logged);
      const { schema } = logged.pipeline;
      for (const { name } of (await logged.manifest()).tables)
        await harness.sql(`DELETE FROM "${schema}"."${name}"`);
      const overtaken = Promise.withResolvers<void>();
      const meanwhile = once(async () => {
        // Another applier takes a newer image of the same key first.
        await logged.handle().terminate('by the test');
        await logged.record([put(item('a', 3))], { writtenAt: '2026-11-30T11:30:00.000Z' });
        await logged.start();
        await logged.applied();
        overtaken.resolve();
        throw new Transient('NetworkFailed', 'lost');
      });
      disturbance[when] = when === 'before' ? meanwhile : once(lost);
      const rewind = () =>
        logged.handle().executeUpdate<string, [unknown]>('rewind', { args: ['2026-11-30T10:30Z'] });
      await rewind();
      if (when === 'before') {
        await overtaken.promise;
        disturbance.before = undefined;
        await rewind();
      }
      await until(
        () => logged.progress(),
        ({ reapply }) => reapply?.state === 'done',
      );
      await expectModel(logged);
    },
  );
});
