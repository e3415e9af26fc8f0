import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import { startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { clientSettings } from '../../../src/clients/aws/aws-client.ts';
import { limitAttempts } from '../../../src/clients/aws/call-deadline.ts';
import { createDynamoDBTableSource } from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { createRedshiftDataWarehouse } from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import { createS3ObjectStore } from '../../../src/clients/s3/s3-object-store.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';
import { untilEnded } from './warehouse-suite.ts';

useStackCredentials();
const { s3, dynamodb, redshiftData } = testStack();
const name = `deadline_${randomUUID().slice(0, 8)}`;
/** Longer than a busy machine takes for any other call. */
const limitSeconds = 5;
/** The connection is never silent for long, and the answer takes far longer than the client waits. */
const drip = { kind: 'drip', milliseconds: 40_000 } as const;

/** The result of `work` on a service whose first answer drips, and the number of calls it took. */
async function whileDripping<T>(behind: string, work: (endpoint: string, begin: () => void) => Promise<T>) {
  const proxy = await startScriptedProxy(behind);
  try {
    const given = await work(proxy.endpoint, () => proxy.next([drip]));
    return { given, calls: proxy.calls.length };
  } finally {
    await proxy.close();
  }
}

test('an object that drips is read again', async () => {
  const found = await whileDripping(s3.endpoint, async (endpoint, begin) => {
    const settings = { ...clientSettings({ endpoint }), forcePathStyle: true };
    const store = createS3ObjectStore({
      client: limitAttempts(new S3Client(settings), limitSeconds),
      bucket: s3.bucket,
    });
    await store.put(name, 'whole object');
    begin();
    const object = await store.get(name);
    return Buffer.from(object!.body).toString();
  });
  expect(found).toEqual({ given: 'whole object', calls: 2 });
});

test('a page of a scan that drips is read again', async () => {
  const found = await whileDripping(dynamodb.endpoint, async (endpoint, begin) => {
    const settings = clientSettings({ endpoint, region: dynamodb.region });
    const client = limitAttempts(new DynamoDBClient(settings), limitSeconds);
    await createTable(client, name);
    await loadItems(client, name, [{ pk: { S: 'a' }, sk: { S: 'b' } }]);
    begin();
    const page = await createDynamoDBTableSource({ client }).scanPage({
      table: name,
      segment: 0,
      segments: 1,
    });
    return page.items.length;
  });
  expect(found).toEqual({ given: 1, calls: 2 });
});

test('a result that drips is read again, and so is a state', async () => {
  const { workgroup, database, endpoint: behind } = redshiftData;
  const found = await whileDripping(behind, async (endpoint, begin) => {
    const client = limitAttempts(new RedshiftDataClient(clientSettings({ endpoint })), limitSeconds);
    const warehouse = createRedshiftDataWarehouse({ client, target: { workgroup, database } });
    const id = await warehouse.submit(['SELECT 1 AS one'], { name, clientToken: name });
    begin();
    const { status } = await untilEnded(warehouse, id);
    begin();
    return { status, rows: await warehouse.rows(id, 1) };
  });
  expect(found).toEqual({ given: { status: 'FINISHED', rows: [{ one: 1 }] }, calls: 2 });
});

test('an answer that drips every time is reported as a time-out, which is transient', async () => {
  const proxy = await startScriptedProxy(s3.endpoint);
  const settings = { ...clientSettings({ endpoint: proxy.endpoint }), forcePathStyle: true, maxAttempts: 1 };
  const store = createS3ObjectStore({
    client: limitAttempts(new S3Client(settings), limitSeconds),
    bucket: s3.bucket,
  });
  await store.put(name, 'whole object');
  proxy.next([], drip);
  await expect(store.get(name)).rejects.toMatchObject({ name: 'Transient', code: 'TimedOut' });
  await proxy.close();
});
