import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { query, runTransaction } from '../../../src/activities/sql/transaction.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import { StatementSlots } from '../../../src/clients/statement-slots.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import { OwnServer } from '../redshift-data-api/own-server.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

const { endpoint, workgroup, database } = testStack().redshiftData;
useStackCredentials();
const warehouse = createRedshiftDataWarehouse({
  client: redshiftDataClient({ endpoint }),
  target: { workgroup, database },
});

/** Runs a transaction as one attempt of an activity; default: the first attempt of a new activity. */
const run = (
  scope: string,
  name: string,
  statements: readonly string[],
  { attempt = 1, runId = randomUUID() as string } = {},
): Promise<string> =>
  new MockActivityEnvironment({ attempt, workflowExecution: { workflowId: 'load', runId } }).run(() =>
    runTransaction(counted, { name, scope, statements }, new AbortController().signal),
  );

let submitted: string[] = [];
const counted: Warehouse = {
  ...warehouse,
  async submit(statements, options) {
    const id = await warehouse.submit(statements, options);
    submitted.push(id);
    return id;
  },
};
beforeEach(() => {
  submitted = [];
});

test('a transaction that is retried right after its cause was fixed does not get its old failure', async () => {
  const schema = `fixed_${randomUUID().slice(0, 8)}`;
  const fill = () =>
    run(schema, 'fill', [`INSERT INTO ${schema}.items VALUES (1)`, `SELECT count(*) FROM ${schema}.items`]);
  await expect(fill()).rejects.toThrow(`"${schema}" does not exist`);
  await run(schema, 'fix', [`CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.items (n int)`]);
  expect(await warehouse.rows(await fill(), 2)).toEqual([{ count: 1 }]);
  await run(schema, 'drop', [`DROP SCHEMA ${schema} CASCADE`]);
});

describe('a transaction that has failed any number of times before, whatever the clocks show,', () => {
  /** A transaction that fails until it is fixed. */
  async function failing() {
    const schema = `failing_${randomUUID().slice(0, 8)}`;
    const fill = (options?: { attempt: number; runId: string }) =>
      run(schema, 'fill', [`INSERT INTO ${schema}.items VALUES (1)`, 'SELECT 1'], options);
    const fix = () => run(schema, 'fix', [`CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.items (n int)`]);
    const count = async () => {
      const id = await run(schema, 'count', [`SELECT count(*) AS n FROM ${schema}.items`, 'SELECT 1']);
      await run(schema, 'drop', [`DROP SCHEMA ${schema} CASCADE`]);
      return warehouse.rows(id, 1);
    };
    return { fill, fix, count };
  }

  test('is submitted again by each execution', async () => {
    const { fill, fix, count } = await failing();
    for (let i = 0; i < 25; i++) await expect(fill()).rejects.toThrow('does not exist');
    await fix();
    await fill();
    expect(await count()).toEqual([{ n: 1 }]);
  });

  test('is submitted again by each attempt of an execution', async () => {
    const { fill, fix, count } = await failing();
    const runId = randomUUID();
    for (let attempt = 1; attempt <= 5; attempt++) {
      const before = new Set(submitted);
      await expect(fill({ attempt, runId })).rejects.toThrow('does not exist');
      expect(submitted.filter((id) => !before.has(id)).length).toBeGreaterThan(0);
    }
    await fix();
    await fill({ attempt: 6, runId });
    expect(await count()).toEqual([{ n: 1 }]);
  });

  test('is found by the next attempt if its worker died during the retry', async () => {
    const { fill, fix, count } = await failing();
    const runId = randomUUID();
    await expect(fill()).rejects.toThrow('does not exist');
    await fix();
    const done = await fill({ attempt: 1, runId });
    expect(await fill({ attempt: 2, runId })).toBe(done);
    expect(await count()).toEqual([{ n: 1 }]);
  });
});

describe('a failure of no known kind', () => {
  let server: OwnServer;
  let struck: Warehouse;
  beforeAll(async () => {
    server = await OwnServer.start();
    const client = redshiftDataClient({ endpoint: server.endpoint });
    struck = createRedshiftDataWarehouse({ client, target: { workgroup: 'local', database: 'dev' } });
    await server.fault({ kind: 'out-of-memory', sql: 'SELECT 11', count: 'always' });
  });
  afterAll(() => server?.stop());

  test('is retried later, like that of a cluster that restarts', async () => {
    const select = new MockActivityEnvironment().run(() =>
      query(struck, 'select', ['SELECT 11'], new AbortController().signal),
    );
    await expect(select).rejects.toMatchObject({
      name: 'Transient',
      code: 'StatementFailed',
      message: expect.stringMatching(/Out Of Memory.*SELECT 11/s),
    });
  });
});

test('a query is answered while loads hold all their slots', async () => {
  const slots = new StatementSlots(() => 2);
  const { promise: loading, resolve: end } = Promise.withResolvers<void>();
  const loads = [1, 2].map(() => slots.inSlot(() => loading, 'long'));
  const asked = new MockActivityEnvironment().run(() =>
    query({ ...warehouse, slots }, 'question', ['SELECT 1 AS n'], new AbortController().signal),
  );
  expect(await asked).toEqual([[{ n: 1 }]]);
  end();
  await Promise.all(loads);
});

test('a failure that is observed as it happens is not retried', async () => {
  const digits =
    '(SELECT 1 AS d UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
  const many = Array.from({ length: 10 }, (_, index) => `${digits} t${index}`).join(', ');
  // Counts for seconds before it divides by zero: it is still running when it is first looked at.
  const failing = run(randomUUID(), 'guard', [`SELECT 1/(count(*) - 9765625) FROM ${many}`]);
  await expect(failing).rejects.toThrow('guard 1 of guard did not hold');
  expect(submitted).toHaveLength(1);
});

test('a statement that does not end when it is cancelled is not reported as without effect', async () => {
  const digits = '(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
  const many = Array.from({ length: 24 }, (_, index) => `${digits} t${index}`).join(', ');
  // Like a statement that is being rolled back or is about to commit.
  const unheeding: Warehouse = { ...counted, cancel: async () => true };
  const running = new MockActivityEnvironment().run(() =>
    runTransaction(
      unheeding,
      {
        name: 'endless',
        scope: randomUUID(),
        statements: [`SELECT count(*) FROM ${many}`],
        watch: { timeLimitSeconds: 1, whoBlocks: async () => undefined },
      },
      new AbortController().signal,
    ),
  );
  await expect(running).rejects.toMatchObject({
    name: 'Terminal',
    code: 'StatementNotEnding',
    message: expect.stringMatching(
      /may still be rolled back or committed.*It is statement \S+ of the Data API/,
    ),
  });
  expect(submitted).toHaveLength(1);
  await warehouse.cancel(submitted[0]!);
});
