import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { testStack } from '../setup/stack.ts';

const { temporal, dynamodb, s3, postgres } = testStack();
const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };

test('Temporal answers, and knows the search attributes our workflows set', async () => {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    const listed = await connection.operatorService.listSearchAttributes({ namespace: temporal.namespace });
    const found = client.workflow.list({ query: 'TributaryPipeline = "none of this name"' });
    const first = await found[Symbol.asyncIterator]().next();
    expect(Object.keys(listed.customAttributes)).toEqual(
      expect.arrayContaining(['TributaryPipeline', 'TributaryState', 'TributaryRun']),
    );
    expect(first.done).toBe(true);
  } finally {
    await connection.close();
  }
});

test('the Web UI is served', async () => {
  const page = await fetch(temporal.ui);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<html');
});

test('S3 keeps an object, and refuses a second writer of the same key', async () => {
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
  });
  const object = { Bucket: s3.bucket, Key: `stack-test/${process.pid}` };
  await client.send(new PutObjectCommand({ ...object, Body: 'first', IfNoneMatch: '*' }));
  const second = client.send(new PutObjectCommand({ ...object, Body: 'second', IfNoneMatch: '*' }));
  await expect(second).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  const read = await client.send(new GetObjectCommand(object));
  expect(await read.Body?.transformToString()).toBe('first');
  client.destroy();
});

test('S3 refuses wrong credentials', async () => {
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { ...credentials, secretAccessKey: 'wrong' },
  });
  const put = client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: 'refused', Body: 'x' }));
  await expect(put).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  client.destroy();
});

test('DynamoDB creates a table', async () => {
  const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region, credentials });
  const TableName = `stack-test-${process.pid}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  // A page has at most 100 names, and other suites have tables as well.
  const { TableNames } = await client.send(
    new ListTablesCommand({ ExclusiveStartTableName: TableName.slice(0, -1) }),
  );
  expect(TableNames).toContain(TableName);
  client.destroy();
});

test('PostgreSQL sorts bytes, stores UTF-8 and runs in UTC, like Redshift', async () => {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query(
    `SELECT current_database() AS database, 'a' < 'B' AS folded, octet_length('é') AS bytes,
            current_setting('timezone') AS zone`,
  );
  await client.end();
  expect(rows).toEqual([{ database: 'dev', folded: false, bytes: 2, zone: 'UTC' }]);
});

test('PostgreSQL refuses a wrong password', async () => {
  const url = new URL(postgres.url);
  url.password = 'wrong';
  const client = new pg.Client({ connectionString: url.href });
  await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
});
