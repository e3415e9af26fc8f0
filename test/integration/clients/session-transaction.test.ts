import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { runLongTransaction } from '../../../src/activities/sql/transaction.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import type { Row, Warehouse } from '../../../src/clients/warehouse.ts';
import { OwnServer } from '../redshift-data-api/own-server.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

useStackCredentials();

describe('a transaction with more statements than a batch', () => {
  let server: OwnServer;
  let warehouse: Warehouse;
  let table: string;

  beforeAll(async () => {
    server = await OwnServer.start();
    const client = redshiftDataClient({ endpoint: server.endpoint });
    warehouse = createRedshiftDataWarehouse({ client, target: { workgroup: 'local', database: 'dev' } });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    table = `t_${randomUUID().slice(0, 8)}`;
    await run([`CREATE TABLE ${table} (n INT)`]);
  });

  const run = (statements: readonly string[], on: Warehouse = warehouse) =>
    new MockActivityEnvironment().run(() =>
      runLongTransaction(on, { name: 'long', scope: table, statements }, new AbortController().signal),
    );
  const inserts = (count: number, ...instead: [number, string][]) =>
    Array.from(
      { length: count },
      (_, i) => new Map(instead).get(i + 1) ?? `INSERT INTO ${table} VALUES (${i + 1})`,
    );
  const rows = async (): Promise<Row | undefined> => {
    const id = await warehouse.submit([`SELECT count(*) AS n, count(DISTINCT n) AS once FROM ${table}`], {
      name: 'count',
      clientToken: randomUUID(),
    });
    while ((await warehouse.describe(id, { waitSeconds: 10 })).status !== 'FINISHED');
    return (await warehouse.rows(id, 1))[0];
  };

  test('runs in a session, and fewer statements as a batch', async () => {
    expect(await run(inserts(40))).toEqual({ inSession: false });
    expect(await rows()).toEqual({ n: 40, once: 40 });
    expect(await run(inserts(41))).toEqual({ inSession: true });
    expect(await rows()).toEqual({ n: 81, once: 41 });
  });

  test('ends what an earlier one with its name has left running', async () => {
    await server.fault({ kind: 'never-ends', sql: `endless ${table}` });
    const id = await warehouse.submit([`LOCK TABLE ${table}`, `SELECT 'endless ${table}'`], {
      name: 'long',
      clientToken: randomUUID(),
    });
    while ((await warehouse.describe(id)).status !== 'STARTED');
    expect(await run(inserts(41))).toEqual({ inSession: true });
    expect((await warehouse.describe(id)).status).toBe('ABORTED');
    expect(await rows()).toEqual({ n: 41, once: 41 });
  });

  test('has no effect if one of them fails, and the failure names it', async () => {
    const failing = run(inserts(60, [50, `INSERT INTO ${table}_absent VALUES (1)`]));
    await expect(failing).rejects.toMatchObject({
      name: 'Terminal',
      message: expect.stringMatching(/does not exist.*Statement 50: INSERT INTO/s),
    });
    expect(await rows()).toEqual({ n: 0, once: 0 });
  });

  test('has no effect if a guard does not hold', async () => {
    const failing = run(
      inserts(60, [59, `SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) FROM ${table}`]),
    );
    await expect(failing).rejects.toMatchObject({ name: 'GuardFailed', statement: 59 });
    expect(await rows()).toEqual({ n: 0, once: 0 });
  });

  test.each(['statement', 'commit'])('is repeated as a whole after a conflict at a %s', async (when) => {
    const sql = when === 'commit' ? 'COMMIT' : `INSERT INTO ${table} VALUES (44)`;
    await server.fault({ kind: 'serializable-violation', when, sql });
    await run(inserts(60));
    expect(await rows()).toEqual({ n: 60, once: 60 });
  });

  test('takes effect once, even if the answer to its COMMIT is lost', async () => {
    await server.fault({ kind: 'lost-answer', when: 'ended', sql: 'COMMIT' });
    await run(inserts(60));
    expect(await rows()).toEqual({ n: 60, once: 60 });
  });

  test('has no effect and keeps no lock if its caller is lost', async () => {
    const lost: Warehouse = {
      ...warehouse,
      submitInSession: async (statement, options) => {
        // A lost caller does not roll back either.
        if (statement === 'ROLLBACK' || statement.includes('VALUES (50)'))
          throw new Error('the host is gone');
        return warehouse.submitInSession(statement, options);
      },
    };
    await expect(run(inserts(60, [1, `LOCK TABLE ${table}`]), lost)).rejects.toThrow('the host is gone');
    await server.control('POST', 'clock', { advanceSeconds: 61 });
    expect(await rows()).toEqual({ n: 0, once: 0 });
  });

  test('is retried later if its session has ended', async () => {
    const stalled: Warehouse = {
      ...warehouse,
      submitInSession: async (statement, options) => {
        if (statement === 'COMMIT') await server.control('POST', 'clock', { advanceSeconds: 61 });
        return warehouse.submitInSession(statement, options);
      },
    };
    await expect(run(inserts(60), stalled)).rejects.toMatchObject({
      name: 'Transient',
      code: 'WarehouseAway',
    });
    expect(await rows()).toEqual({ n: 0, once: 0 });
  });
});
