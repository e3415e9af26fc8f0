import { randomUUID } from 'node:crypto';
import {
  CancelStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStack } from '../setup/stack.ts';
import { TestClient } from './client.ts';

const schema = `judge_${randomUUID().slice(0, 8)}`;
const client = new TestClient(testStack().redshiftData.endpoint);
/** Never ends by itself within a test. */
const endless = `SELECT count(*) FROM ${schema}.many a, ${schema}.many b, ${schema}.many c, ${schema}.many d`;

beforeAll(async () => {
  await client.must(
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.many (n INT)`,
    `CREATE TABLE ${schema}.t (a INT, b VARCHAR(20))`,
  );
  await client.must(`INSERT INTO ${schema}.many VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)`);
  for (let i = 0; i < 3; i++)
    await client.must(
      `INSERT INTO ${schema}.many SELECT a.n FROM ${schema}.many a, (SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) b`,
    );
});
afterAll(async () => {
  await client.must(`DROP SCHEMA ${schema} CASCADE`);
  client.sdk.destroy();
});

describe('a batch', () => {
  test('is one transaction: a failure rolls back what came before and aborts what comes after', async () => {
    const described = await client.batch([
      `INSERT INTO ${schema}.t VALUES (1, 'x')`,
      `SELECT 1/(CASE WHEN count(*) = 5 THEN 1 ELSE 0 END) FROM ${schema}.t`,
      `INSERT INTO ${schema}.t VALUES (2, 'y')`,
    ]);
    expect(described.Status).toBe('FAILED');
    expect(described.Error).toBe('Query #2 failed with ERROR: Divide by zero');
    expect(described.SubStatements!.map(({ Id, Status }) => [Id, Status])).toEqual([
      [`${described.Id}:1`, 'FINISHED'],
      [`${described.Id}:2`, 'FAILED'],
      [`${described.Id}:3`, 'ABORTED'],
    ]);
    expect(await client.rows(`SELECT count(*) FROM ${schema}.t`)).toEqual([[0]]);
  });

  test('has results per sub-statement', async () => {
    const { Id: id, SubStatements: parts } = await client.batch([
      'SELECT 1 AS a',
      `DELETE FROM ${schema}.t WHERE a = 99`,
      "SELECT 'two' AS b",
    ]);
    expect(parts!.map(({ HasResultSet, ResultRows }) => [HasResultSet, ResultRows])).toEqual([
      [true, 1],
      [false, 0],
      [true, 1],
    ]);
    expect(await client.results(`${id}:3`)).toEqual([['two']]);
    await expect(client.results(id!)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(client.results(`${id}:2`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('in AUTO_COMMIT keeps what succeeded', async () => {
    const described = await client.batch(
      [`INSERT INTO ${schema}.t VALUES (5, 'kept')`, 'SELECT 1/0', `DELETE FROM ${schema}.t WHERE a = 99`],
      { ExecutionMode: 'AUTO_COMMIT' },
    );
    expect(described.SubStatements!.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(await client.rows(`SELECT b FROM ${schema}.t WHERE a = 5`)).toEqual([['kept']]);
    await client.must(`DELETE FROM ${schema}.t`);
  });

  test('commits at a TRUNCATE, even if a later statement fails', async () => {
    await client.must(`INSERT INTO ${schema}.t VALUES (1, 'gone')`);
    const { Status } = await client.batch([`TRUNCATE ${schema}.t`, 'SELECT 1/0']);
    expect(Status).toBe('FAILED');
    expect(await client.rows(`SELECT count(*) FROM ${schema}.t`)).toEqual([[0]]);
  });

  test('has at most 40 statements and 100 KB', async () => {
    await expect(client.submitBatch(Array.from({ length: 41 }, () => 'SELECT 1'))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(client.submit(`SELECT '${'x'.repeat(102_400)}'`)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('a client token', () => {
  test('makes a repeated submission the same statement, even one that failed', async () => {
    const ClientToken = randomUUID();
    const first = await client.run('SELECT 1/0', { ClientToken });
    expect(first.Error).toBe('ERROR: division by zero');
    expect(await client.submit('SELECT 1/0', { ClientToken })).toBe(first.Id);
  });

  test('used by many at once starts one statement', async () => {
    const ClientToken = randomUUID();
    const ids = await Promise.all(
      Array.from({ length: 8 }, () =>
        client.submit(`INSERT INTO ${schema}.t VALUES (7, 'once')`, { ClientToken }),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    await client.ended(ids[0]!);
    expect(await client.rows(`SELECT count(*) FROM ${schema}.t WHERE a = 7`)).toEqual([[1]]);
  });

  test('is refused with another request, and beyond 64 characters', async () => {
    const ClientToken = randomUUID();
    await client.run('SELECT 1', { ClientToken });
    await expect(client.submit('SELECT 2', { ClientToken })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(client.submit('SELECT 1', { ClientToken: 'x'.repeat(65) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('a statement that runs', () => {
  test('is accepted at once, can be awaited, and is ABORTED when cancelled', async () => {
    const id = await client.submit(endless);
    expect(['SUBMITTED', 'PICKED', 'STARTED']).toContain((await client.describe(id)).Status);
    await expect(client.results(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await client.sdk.send(new CancelStatementCommand({ Id: id }))).Status).toBe(true);
    const ended = await client.ended(id);
    expect([ended.Status, ended.Error]).toEqual(['ABORTED', "ERROR: Query cancelled on user's request"]);
    await expect(client.sdk.send(new CancelStatementCommand({ Id: id }))).rejects.toThrow(
      'already in ABORTED state',
    );
  });

  test('and holds a lock blocks others until it is cancelled, and leaves nothing', async () => {
    const holder = await client.submitBatch([
      `LOCK ${schema}.t`,
      `INSERT INTO ${schema}.t VALUES (8, 'no')`,
      endless,
    ]);
    await until(async () => (await client.describe(holder)).SubStatements![2]!.Status === 'STARTED');
    const waiting = await client.submit(`SELECT count(*) FROM ${schema}.t WHERE a = 8`);
    await client.until(waiting, 'STARTED');
    expect((await client.describe(waiting, 1)).Status).toBe('STARTED');
    await client.sdk.send(new CancelStatementCommand({ Id: holder }));
    expect((await client.ended(waiting)).Status).toBe('FINISHED');
    expect(await client.results(waiting)).toEqual([[0]]);
  });
});

describe('results', () => {
  test('use the field of their type, and long numbers keep their digits', async () => {
    const id = await client.submit(
      `SELECT 7::smallint AS s, 9007199254740993::bigint AS l, 1.50::decimal(10,2) AS d, 0.5::double precision AS f, true AS b, NULL::int AS n,
       'x'::varchar AS v, date '2024-02-29' AS dt, timestamptz '2024-02-29 01:02:03.5+00' AS tz, json_parse('{"a": [1, 2]}') AS su`,
      { WaitTimeSeconds: 30 },
    );
    const { Records, ColumnMetadata } = await client.sdk.send(new GetStatementResultCommand({ Id: id }));
    expect(Records![0]!.map((field) => Object.keys(field)[0])).toEqual([
      'longValue',
      'longValue',
      'stringValue',
      'doubleValue',
      'booleanValue',
      'isNull',
      'stringValue',
      'stringValue',
      'stringValue',
      'stringValue',
    ]);
    expect(Records![0]![2]!.stringValue).toBe('1.50');
    expect(Records![0]![8]!.stringValue).toBe('2024-02-29 01:02:03.5+00');
    expect(Records![0]![9]!.stringValue).toBe('{"a":[1,2]}');
    expect(ColumnMetadata!.map(({ name, typeName }) => `${name} ${typeName}`)).toEqual([
      's int2',
      'l int8',
      'd numeric',
      'f float8',
      'b bool',
      'n int4',
      'v varchar',
      'dt date',
      'tz timestamptz',
      'su super',
    ]);
    expect(ColumnMetadata![2]).toMatchObject({ precision: 10, scale: 2 });
  });

  test('are paged, with every row once', async () => {
    const rows = await client.rows(
      `SELECT row_number() OVER () AS n FROM ${schema}.many a, (SELECT 1 UNION SELECT 2) b LIMIT 2100`,
    );
    expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 2100 }, (_, i) => i + 1));
  });

  test('take named parameters as values', async () => {
    expect(
      await client.rows('SELECT :text AS a, :number::int + 1 AS b', {
        Parameters: [
          { name: 'text', value: "O'Brien" },
          { name: 'number', value: '41' },
        ],
      }),
    ).toEqual([["O'Brien", 42]]);
  });
});

test('statements are listed newest first, by the beginning of their name, in pages', async () => {
  const StatementName = `name-${randomUUID()}`;
  const ids = [];
  for (let i = 0; i < 3; i++)
    ids.unshift((await client.run('SELECT 1', { StatementName: `${StatementName}-${i}` })).Id!);
  const first = await client.sdk.send(
    new ListStatementsCommand({ StatementName, MaxResults: 2, Status: 'ALL' }),
  );
  const second = await client.sdk.send(
    new ListStatementsCommand({
      StatementName,
      MaxResults: 2,
      NextToken: first.NextToken,
      Status: 'FINISHED',
    }),
  );
  expect([...first.Statements!, ...second.Statements!].map(({ Id }) => Id)).toEqual(ids);
  expect(second.NextToken).toBeUndefined();
});

test.each([
  ['a workgroup', { WorkgroupName: 'unknown' }, 'ValidationException'],
  ['a database', { Database: 'unknown' }, 'ValidationException'],
])('%s that does not exist is refused', async (_what, more, name) => {
  await expect(client.submit('SELECT 1', more)).rejects.toMatchObject({ name });
});

test('an unknown statement is a ResourceNotFoundException', async () => {
  await expect(client.describe(randomUUID())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited two minutes in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
