import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStack } from '../setup/stack.ts';
import { findAwsCli } from './aws-cli.ts';
import { TestClient } from './client.ts';

const { endpoint, workgroup, database } = testStack().redshiftData;
const client = new TestClient(endpoint);
const schema = `cli_${randomUUID().slice(0, 8)}`;
const cli = await findAwsCli();
if (typeof cli === 'string') console.warn(`the AWS CLI's tests are skipped: ${cli}`);
const withCli = typeof cli === 'string' ? describe.skip : describe;
const aws = (...words: string[]) =>
  (cli as Exclude<typeof cli, string>)(endpoint, 'redshift-data', ...words) as Promise<
    Record<string, unknown>
  >;
const target = ['--workgroup-name', workgroup, '--database', database];

beforeAll(() => client.must(`CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.t (n INT, name VARCHAR(10))`));
afterAll(async () => {
  await client.must(`DROP SCHEMA ${schema} CASCADE`);
  client.sdk.destroy();
});

withCli('the stock AWS CLI', () => {
  test('runs a batch, describes it and reads its result', async () => {
    const sqls = [
      `INSERT INTO ${schema}.t VALUES (1, 'one'), (2, NULL)`,
      `SELECT n, name FROM ${schema}.t ORDER BY n`,
    ];
    const { Id } = await aws(
      'batch-execute-statement',
      ...target,
      '--sqls',
      ...sqls,
      '--wait-time-seconds',
      '20',
    );
    const described = await aws('describe-statement', '--id', Id as string);
    expect(described).toMatchObject({ Status: 'FINISHED', HasResultSet: true });
    const { Records, TotalNumRows } = await aws('get-statement-result', '--id', `${Id as string}:2`);
    expect(TotalNumRows).toBe(2);
    expect(Records).toEqual([
      [{ longValue: 1 }, { stringValue: 'one' }],
      [{ longValue: 2 }, { isNull: true }],
    ]);
  });

  test('passes parameters, waits, and receives CSV', async () => {
    const { Id, Status } = await aws(
      ...['execute-statement', ...target, '--sql', 'SELECT :word AS word', '--result-format', 'CSV'],
      ...['--parameters', 'name=word,value=hello', '--wait-time-seconds', '20'],
    );
    expect(Status).toBe('FINISHED');
    const { Records } = await aws('get-statement-result-v2', '--id', Id as string);
    expect(Records).toEqual([{ CSVRecords: 'word\r\nhello\r\n' }]);
  });

  test('lists the catalogue', async () => {
    const tables = await aws('list-tables', ...target, '--schema-pattern', schema);
    expect(tables.Tables).toEqual([{ name: 't', type: 'TABLE', schema }]);
    const table = await aws('describe-table', ...target, '--schema', schema, '--table', 't');
    expect(table.ColumnList).toMatchObject([{ name: 'n' }, { name: 'name' }]);
  });

  test('reports a refusal under the service’s name', async () => {
    await expect(aws('describe-statement', '--id', randomUUID())).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the DescribeStatement operation: Query does not exist.',
    );
  });
});
