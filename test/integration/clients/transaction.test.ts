import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { runTransaction } from '../../../src/activities/transaction.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift-data-warehouse.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

const { endpoint, workgroup, database } = testStack().redshiftData;
useStackCredentials();
const warehouse = createRedshiftDataWarehouse({
  client: redshiftDataClient({ endpoint }),
  target: { workgroup, database },
});

const run = (scope: string, name: string, statements: readonly string[]): Promise<string> =>
  new MockActivityEnvironment().run(() =>
    runTransaction(warehouse, { name, scope, statements }, new AbortController().signal),
  );

test('a transaction tried again right after its cause was mended is not given its old failure', async () => {
  const schema = `mended_${randomUUID().slice(0, 8)}`;
  const fill = () =>
    run(schema, 'fill', [`INSERT INTO ${schema}.items VALUES (1)`, `SELECT count(*) FROM ${schema}.items`]);
  await expect(fill()).rejects.toThrow(`"${schema}" does not exist`);
  await run(schema, 'mend', [`CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.items (n int)`]);
  expect(await warehouse.rows(await fill(), 2)).toEqual([{ count: 1 }]);
  await run(schema, 'drop', [`DROP SCHEMA ${schema} CASCADE`]);
});
