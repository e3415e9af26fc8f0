import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { watchStatement } from '../../../src/activities/sql/watch-statement.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import { WarehouseDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';
import { untilEnded } from './warehouse-suite.ts';

const { endpoint, workgroup, database } = testStack().redshiftData;
useStackCredentials();
const real = createRedshiftDataWarehouse({
  client: redshiftDataClient({ endpoint }),
  target: { workgroup, database },
});
const warehouse = WarehouseDefinition.parse({
  kind: 'redshift',
  workgroup,
  database,
  schema: 'live',
  iamRole: 'arn:aws:iam::123456789012:role/copy',
});

/** Asks who blocks a process, in a warehouse that runs `sql` instead of the query. */
async function whoBlocks(sql: string) {
  const ids: string[] = [];
  const asking: Warehouse = {
    ...real,
    async submit(_, options) {
      const id = await real.submit([sql], options);
      ids.push(id);
      return id;
    },
  };
  const watch = watchStatement({
    database: asking,
    warehouse,
    phase: 'load',
    signal: new AbortController().signal,
  });
  const answer = await new MockActivityEnvironment().run(() => watch.whoBlocks(4711));
  return { answer, ids };
}

test('a failed query about a statement does not fail the statement, and is reported', async () => {
  const { answer } = await whoBlocks('SELECT * FROM not_for_this_user');
  expect(answer).toMatch(/^Could not find out what blocks it: .*not_for_this_user/);
});

test('a query that gets no answer is given up, and its statement is cancelled', async () => {
  const digits = '(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
  const many = Array.from({ length: 24 }, (_, index) => `${digits} t${index}`).join(', ');
  const { answer, ids } = await whoBlocks(`SELECT count(*) FROM ${many}`);
  expect(answer).toMatch(/^Could not find out what blocks it: no answer within \d+ s\.$/);
  expect(ids).toHaveLength(1);
  expect(await untilEnded(real, ids[0]!)).toMatchObject({ status: 'ABORTED' });
});
