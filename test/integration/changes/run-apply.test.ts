import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { runApply } from '../../../src/activities/apply-changes/run-apply.ts';
import { Transient } from '../../../src/clients/errors.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import type { ApplyPlan } from '../../../src/pipeline/changes/apply-plan.ts';
import { applyStatements } from '../../../src/pipeline/changes/apply-statements.ts';
import { Stack } from '../loader/loaded-table.ts';
import { OwnServer } from '../redshift-data-api/own-server.ts';
import { at, rowText } from './applied-schema.ts';
import { BY_ID, ORDERS, order, ordersWith, removed, withSchemas } from './with-schemas.ts';

let server: OwnServer;
let stack: Stack;
const create = withSchemas(() => stack);

beforeAll(async () => {
  server = await OwnServer.start();
  const client = redshiftDataClient({ endpoint: server.endpoint });
  stack = new Stack(createRedshiftDataWarehouse({ client, target: { workgroup: 'local', database: 'dev' } }));
});
afterAll(() => server?.stop());

const run = (plan: ApplyPlan, database: Warehouse = stack.warehouse, isRedacted = false) =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() => {
    const { signal } = new AbortController();
    const watch = { timeLimitSeconds: 300, whoBlocks: async () => undefined };
    return runApply({ database, store: stack.store, watch, isRedacted }, plan, signal);
  });

const APPLIED = { kind: 'applied' };
/** Few tables are a batch, many a session. */
const SIZES = [
  ['a batch', ORDERS],
  ['a session', ordersWith(20)],
] as const;

describe.each(SIZES)('an apply in %s', (_, tables) => {
  const put = (id: string, v: string, ...skus: string[]) => order(id, v, skus, tables);

  test('finds that another was faster, or another run is live', async () => {
    const schema = await create(BY_ID, tables);
    const plan = await schema.plan([put('a', '1', 'x')], [at(1)]);
    expect(await run(plan)).toEqual(APPLIED);
    const late = { ...plan, attempt: randomUUID() };
    expect(await run(late)).toEqual({ kind: 'changed', guard: 'positions' });
    const marker = { ...plan.marker, run: 'another' };
    expect(await run({ ...late, marker })).toEqual({ kind: 'changed', guard: 'marker' });
    expect(await run({ ...late, before: await schema.positions(), isStaging: true })).toEqual({
      ...{ kind: 'changed', guard: 'verified' },
    });
  });

  test('that was applied before has been applied, however often it is asked for', async () => {
    const schema = await create(BY_ID, tables);
    const plan = await schema.plan([put('a', '1', 'x')], [at(1)]);
    expect(await run(plan)).toEqual(APPLIED);
    expect(await run(plan)).toEqual(APPLIED);
    expect(await schema.rows(tables[1]!.name)).toHaveLength(1);
  });

  test('names the file, line and column of a row that COPY refuses, and changes nothing', async () => {
    const schema = await create(BY_ID, tables);
    await run(await schema.plan([put('a', '1', 'x')], [at(1)]));
    const unfit = put('b', '2', 'x', 'y'.repeat(300));
    const plan = await schema.plan([put('a', '2'), unfit], [at(2)]);
    const failure = await run(plan).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'LoadFailed' });
    expect((failure as Error).message).toMatch(
      /line 2 of s3:.*\/orders__l.*\.csv\.zst, column sku \(character varying\(256\)\), value 'yyy.*item id='b'.*these changes/s,
    );
    const hidden = run({ ...plan, attempt: randomUUID() }, stack.warehouse, true);
    await expect(hidden).rejects.toMatchObject({
      message: expect.stringMatching(/a value of 300 bytes.*redactValues/s),
    });
    expect(await schema.rows('orders')).toEqual([rowText(['a', '1'])]);
    expect(await schema.positions()).toMatchObject([at(1)]);
  });

  test('fails if its rows are not those that were sent', async () => {
    const schema = await create(BY_ID, tables);
    const plan = await schema.plan([put('a', '1', 'x')], [at(1)]);
    const [root, ...others] = plan.tables;
    const wrong = { ...root!, copies: root!.copies.map((copy) => ({ ...copy, rows: 2 })) };
    await expect(run({ ...plan, tables: [wrong, ...others] })).rejects.toMatchObject({ code: 'RowsDiffer' });
  });

  test('is repeated as a whole after a conflict', async () => {
    const schema = await create(BY_ID, tables);
    await run(await schema.plan([put('a', '1', 'x')], [at(1)]));
    const plan = await schema.plan([put('a', '2', 'y', 'z')], [at(2)]);
    await server.fault({
      kind: 'serializable-violation',
      when: 'statement',
      sql: `DELETE FROM "${schema.name}"."orders"`,
    });
    expect(await run(plan)).toEqual(APPLIED);
    expect(await schema.rows('orders')).toEqual([rowText(['a', '2'])]);
    expect(await schema.rows(tables.at(-1)!.name)).toHaveLength(2);
  });
});

describe('an apply in a session', () => {
  const tables = ordersWith(20);

  test.each(['COMMIT', 'DELETE FROM'])('is applied once if the answer to its %s is lost', async (sql) => {
    const schema = await create(BY_ID, tables);
    const plan = await schema.plan([order('a', '1', ['x'], tables)], [at(1)]);
    await server.fault({ kind: 'lost-answer', when: 'ended', sql });
    expect(await run(plan)).toEqual(APPLIED);
    for (const { name } of tables) expect(await schema.rows(name)).toHaveLength(1);
  });

  test('is found applied if its session is lost after COMMIT', async () => {
    const schema = await create(BY_ID, tables);
    const plan = await schema.plan([order('a', '1', ['x'], tables)], [at(1)]);
    const lossy: Warehouse = {
      ...stack.warehouse,
      submitInSession: async (statement, options) => {
        const submitted = await stack.warehouse.submitInSession(statement, options);
        if (statement === 'COMMIT') {
          while ((await stack.warehouse.describe(submitted.id, { waitSeconds: 10 })).status !== 'FINISHED');
          throw new Transient('WarehouseAway', 'the answer was lost');
        }
        return submitted;
      },
    };
    expect(await run(plan, lossy)).toEqual(APPLIED);
  });

  test('leaves nothing, wherever its worker is killed', async () => {
    const schema = await create(BY_ID, tables);
    await run(await schema.plan([order('a', 'before', ['x'], tables)], [at(1)]));
    const plan = await schema.plan([order('a', 'after', ['y', 'z'], tables), removed('b')], [at(2)]);
    const count = applyStatements(plan).length;
    expect(count).toBeGreaterThan(40);
    const killedAfter = (n: number): Warehouse => {
      let statements = 0;
      return {
        ...stack.warehouse,
        submitInSession: async (statement, options) => {
          // A killed worker does not roll back either. BEGIN comes first.
          if (statement === 'ROLLBACK' || statements++ > n) throw new Error('killed');
          return stack.warehouse.submitInSession(statement, options);
        },
      };
    };
    for (const n of [1, 2, 5, 7, 8, 10, 11, 30, count - 1, count]) {
      await expect(run({ ...plan, attempt: randomUUID() }, killedAfter(n))).rejects.toThrow('killed');
      await server.control('POST', 'clock', { advanceSeconds: 61 });
      expect(await schema.rows('orders')).toEqual([rowText(['a', 'before'])]);
      expect(await schema.rows(tables.at(-1)!.name)).toHaveLength(1);
      expect(await schema.positions()).toMatchObject([at(1)]);
    }
    expect(await run(plan, killedAfter(count + 1))).toEqual(APPLIED);
    expect(await schema.rows('orders')).toEqual([rowText(['a', 'after'])]);
  });
});
