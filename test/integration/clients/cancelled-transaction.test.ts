import { randomBytes } from 'node:crypto';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type HttpFaultProxy, startHttpFaultProxy } from '../../../local/fault-proxy/http-fault-proxy.ts';
import { runTransaction } from '../../../src/activities/sql/transaction.ts';
import { clientSettings } from '../../../src/clients/aws/aws-client.ts';
import { createRedshiftDataWarehouse } from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';
import { untilEnded } from './warehouse-suite.ts';

/** A cancelled run leaves no statement behind that could still change something. */
let proxy: HttpFaultProxy;
let warehouse: Warehouse;
/** The fault for a call, by its operation. */
let faultFor: (operation: string) => Fault;
/** Called when the service has executed a call and before the caller knows. */
let onAnswer: (operation: string) => void;

beforeAll(async () => {
  const { endpoint, workgroup, database } = testStack().redshiftData;
  useStackCredentials();
  proxy = await startHttpFaultProxy({
    behind: endpoint,
    faultFor: ({ operation }) => faultFor(operation),
    watch: ({ operation }, moment) => {
      if (moment === 'answered') onAnswer(operation);
    },
  });
  const client = new RedshiftDataClient({ ...clientSettings({ endpoint: proxy.endpoint }), maxAttempts: 1 });
  warehouse = createRedshiftDataWarehouse({ client, target: { workgroup, database } });
});
afterAll(() => proxy?.close());

/** Runs a statement that never ends by itself, until `cancel` is called. @returns its state afterwards. */
async function stateOfCancelled(faults: (cancel: () => void) => void) {
  const activity = new MockActivityEnvironment();
  faults(() => activity.cancel());
  const digits = '(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
  const many = Array.from({ length: 24 }, (_, index) => `${digits} t${index}`).join(', ');
  const token = randomBytes(8).toString('hex');
  let submitAgain: (() => Promise<string>) | undefined;
  const seen: Warehouse = {
    ...warehouse,
    submit(sql, options) {
      submitAgain = () => warehouse.submit(sql, options);
      return submitAgain();
    },
  };
  const statements = [`SELECT count(*) AS "${token}" FROM ${many}`];
  const running = activity.run(() =>
    runTransaction(seen, { name: 'endless', scope: token, statements }, activity.context.cancellationSignal),
  );
  await expect(running).rejects.toThrow(/abort|cancel/i);
  faultFor = () => ({ kind: 'none' });
  onAnswer = () => {};
  // Its token gives its id, no matter whether the first answer arrived.
  const id = await submitAgain!();
  const { status } = await warehouse.describe(id);
  await warehouse.cancel(id);
  await untilEnded(warehouse, id);
  return status;
}

test('a statement is cancelled even if its run is cancelled before the id is known', async () => {
  const status = await stateOfCancelled((cancel) => {
    faultFor = () => ({ kind: 'none' });
    onAnswer = (operation) => {
      if (operation === 'ExecuteStatement') cancel();
    };
  });
  expect(status).toBe('ABORTED');
});

test('a cancellation that does not arrive is repeated', async () => {
  let refusals = 0;
  const status = await stateOfCancelled((cancel) => {
    onAnswer = (operation) => {
      if (operation === 'ExecuteStatement') cancel();
    };
    faultFor = (operation) =>
      operation === 'CancelStatement' && refusals++ < 2 ? { kind: 'reset' } : { kind: 'none' };
  });
  expect(status).toBe('ABORTED');
  expect(refusals).toBeGreaterThan(2);
});
