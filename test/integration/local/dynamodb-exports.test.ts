import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  type ExportDescription,
  ExportTableToPointInTimeCommand,
  type ExportTableToPointInTimeCommandInput,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dynamodbClient } from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { control, setRecovery } from '../exports/table.ts';
import { until } from '../pipeline/until.ts';
import { testStack } from '../setup/stack.ts';

/** The exports that local/dynamodb/README.md lists, through the SDK's client. */

const { dynamodb, s3 } = testStack();
useStackCredentials();
const client = dynamodbClient(dynamodb);
const store = createS3ObjectStore({ client: s3Client(s3), bucket: s3.bucket });
const suffix = randomBytes(4).toString('hex');
const table = `exports-${suffix}`;
let arn: string;
const item = (id: string, n: number) => ({ id: { S: id }, n: { N: String(n) } });
const put = (id: string, n: number) =>
  client.send(new PutItemCommand({ TableName: table, Item: item(id, n) }));

beforeAll(async () => {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
});

afterAll(() => client.destroy());

type Asked = Omit<ExportTableToPointInTimeCommandInput, 'TableArn' | 'S3Bucket'>;

/** The export once it has ended. */
async function exported(asked: Asked): Promise<ExportDescription> {
  const command = new ExportTableToPointInTimeCommand({ TableArn: arn, S3Bucket: s3.bucket, ...asked });
  const { ExportDescription: begun } = await client.send(command);
  const describeExport = async () =>
    (await client.send(new DescribeExportCommand({ ExportArn: begun?.ExportArn }))).ExportDescription!;
  return await until(describeExport, ({ ExportStatus }) => ExportStatus !== 'IN_PROGRESS');
}

async function linesBelow(prefix: string): Promise<object[]> {
  const lines: object[] = [];
  for await (const { key } of store.list(prefix)) {
    if (!key.endsWith('.json.gz')) continue;
    const text = gunzipSync((await store.get(key))!.body).toString();
    for (const line of text.split('\n').filter(Boolean)) lines.push(JSON.parse(line) as object);
  }
  return lines;
}

describe('the local DynamoDB exports tables', () => {
  test('only with point-in-time recovery', async () => {
    const shown = async () =>
      (await client.send(new DescribeContinuousBackupsCommand({ TableName: table })))
        .ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    expect((await shown())?.PointInTimeRecoveryStatus).toBe('DISABLED');
    const command = new ExportTableToPointInTimeCommand({
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`,
      S3Bucket: s3.bucket,
    });
    await expect(client.send(command)).rejects.toThrow(
      expect.objectContaining({ name: 'PointInTimeRecoveryUnavailableException' }),
    );
    arn = await setRecovery(client, table);
    expect((await shown())?.EarliestRestorableDateTime).toBeInstanceOf(Date);
  });

  test('in full, with their items of that moment', async () => {
    for (const [id, n] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      await put(id, n);
    const prefix = `full-${suffix}`;
    const { ExportStatus, ItemCount, ExportManifest } = await exported({ S3Prefix: prefix });
    expect([ExportStatus, ItemCount]).toEqual(['COMPLETED', 3]);
    expect(await store.head(ExportManifest!)).toBeDefined();
    const lines = (await linesBelow(prefix)) as { Item: { id: { S: string } } }[];
    expect(lines.map(({ Item }) => Item.id.S).sort()).toEqual(['a', 'b', 'c']);
  });

  test('once per token, and a token is for one request', async () => {
    const [one, two] = [await exported({ ClientToken: suffix }), await exported({ ClientToken: suffix })];
    expect(two.ExportArn).toBe(one.ExportArn);
    await expect(exported({ ClientToken: suffix, S3Prefix: 'other' })).rejects.toThrow(
      expect.objectContaining({ name: 'ExportConflictException' }),
    );
  });

  test('in part: what changed in a window, each item once', async () => {
    const from = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000);
    await control('clock', { table, offsetSeconds: 5 });
    await put('a', 10);
    await put('a', 11);
    await put('d', 4);
    await client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: 'b' } } }));
    const to = new Date(from.getTime() + 15 * 60 * 1000);
    const prefix = `window-${suffix}`;
    const window: Asked = {
      ...{ S3Prefix: prefix, ExportType: 'INCREMENTAL_EXPORT' },
      IncrementalExportSpecification: { ExportFromTime: from, ExportToTime: to },
    };
    // A window must have passed five minutes ago.
    await expect(exported(window)).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidExportTimeException' }),
    );
    await control('clock', { table, offsetSeconds: 21 * 60 });
    expect(await exported(window)).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 3 });
    const lines = await linesBelow(`${prefix}/AWSDynamoDB/data/`);
    expect(lines).toHaveLength(3);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ NewImage: item('a', 11), OldImage: item('a', 1) }),
        expect.objectContaining({ NewImage: item('d', 4) }),
        expect.objectContaining({ Keys: { id: { S: 'b' } }, OldImage: item('b', 2) }),
      ]),
    );
  });

  test('with faults that were asked for', async () => {
    await control('exports', { table, fail: { code: 'S3AccessDenied', message: 'no' } });
    expect(await exported({})).toMatchObject({ ExportStatus: 'FAILED', FailureCode: 'S3AccessDenied' });
    expect(await exported({})).toMatchObject({ ExportStatus: 'COMPLETED' });
  });
});
