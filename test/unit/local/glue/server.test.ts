import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchGetPartitionCommand,
  BatchUpdatePartitionCommand,
  type Column,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionsCommand,
  GlueClient,
  SearchTablesCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GlueServer, startGlueServer } from '../../../../local/glue/server.ts';

let server: GlueServer;
let client: GlueClient;
const connected = (endpoint: string) =>
  new GlueClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
beforeAll(async () => {
  server = await startGlueServer({ host: '127.0.0.1', port: 0 });
  client = connected(server.endpoint);
  await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lake' } }));
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const table = (Name: string, Columns: Column[] = [{ Name: 'id', Type: 'string' }]) => ({
  Name,
  StorageDescriptor: { Columns, Location: `s3://lake/${Name}/` },
  PartitionKeys: [{ Name: 'day', Type: 'date' }],
});
let count = 0;
async function created(): Promise<{ DatabaseName: string; TableName: string }> {
  const TableName = `t${++count}`;
  await client.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: table(TableName) }));
  return { DatabaseName: 'lake', TableName };
}
const partition = (day: string, location = `s3://lake/${day}/`) => ({
  Values: [day],
  StorageDescriptor: { Location: location, Columns: [{ Name: 'id', Type: 'string' }] },
});
const days = (first: number, length: number) => Array.from({ length }, (_, i) => `d${first + i}`);

describe('databases and tables', () => {
  test('exist once, and are found', async () => {
    await expect(
      client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lake' } })),
    ).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    expect((await client.send(new GetDatabaseCommand({ Name: 'lake' }))).Database?.Name).toBe('lake');
    expect((await client.send(new GetDatabasesCommand({}))).DatabaseList).toHaveLength(1);
    await expect(client.send(new GetDatabaseCommand({ Name: 'other' }))).rejects.toMatchObject({
      name: 'EntityNotFoundException',
    });
    const { TableName } = await created();
    await expect(
      client.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: table(TableName) })),
    ).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    await expect(
      client.send(new CreateTableCommand({ DatabaseName: 'other', TableInput: table('x') })),
    ).rejects.toMatchObject({ name: 'EntityNotFoundException' });
  });

  test('are updated only from the version that was read; without SkipArchive, the earlier one stays', async () => {
    const { TableName } = await created();
    const read = async () =>
      (await client.send(new GetTableCommand({ DatabaseName: 'lake', Name: TableName }))).Table;
    const update = (VersionId: string, SkipArchive: boolean) =>
      client.send(
        new UpdateTableCommand({
          ...{ DatabaseName: 'lake', VersionId, SkipArchive },
          TableInput: table(TableName, [
            { Name: 'id', Type: 'string' },
            { Name: 'agent', Type: 'string', Comment: 'x'.repeat(255) },
          ]),
        }),
      );
    expect(await read()).toMatchObject({ VersionId: '0', StorageDescriptor: { Columns: [{ Name: 'id' }] } });
    await update('0', true);
    expect(await read()).toMatchObject({
      VersionId: '1',
      StorageDescriptor: { Columns: [{}, { Name: 'agent' }] },
    });
    await expect(update('0', true)).rejects.toMatchObject({
      name: 'ConcurrentModificationException',
      message: 'Update table failed due to concurrent modifications.',
    });
    await update('1', false);
    const { TableVersions } = await client.send(
      new GetTableVersionsCommand({ DatabaseName: 'lake', TableName }),
    );
    expect(TableVersions?.map(({ VersionId }) => VersionId)).toEqual(['2', '1']);
  });

  test('are deleted with their partitions', async () => {
    const { TableName, DatabaseName } = await created();
    await client.send(
      new BatchCreatePartitionCommand({ DatabaseName, TableName, PartitionInputList: [partition('d1')] }),
    );
    await client.send(new DeleteTableCommand({ DatabaseName, Name: TableName }));
    await expect(client.send(new GetTableCommand({ DatabaseName, Name: TableName }))).rejects.toMatchObject({
      name: 'EntityNotFoundException',
    });
    const { TableList } = await client.send(new GetTablesCommand({ DatabaseName }));
    expect(TableList?.map(({ Name }) => Name)).not.toContain(TableName);
  });

  test.each<[string, object]>([
    ['a comment of 256 characters', table('x', [{ Name: 'id', Type: 'string', Comment: 'x'.repeat(256) }])],
    ['a comment of two lines', table('x', [{ Name: 'id', Type: 'string', Comment: 'a\nb' }])],
    ['a column name of 256 characters', table('x', [{ Name: 'x'.repeat(256), Type: 'string' }])],
    ['a name with capital letters', table('X')],
    ['a column twice', table('x', [{ Name: 'id' }, { Name: 'id' }])],
    ['a partition key as a column', table('x', [{ Name: 'day', Type: 'date' }])],
  ])('%s is refused', async (_what, TableInput) => {
    const command = new CreateTableCommand({ DatabaseName: 'lake', TableInput: TableInput as never });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('what it does not know is refused by name', async () => {
    await expect(client.send(new SearchTablesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'The local Glue has no operation SearchTables.',
    });
    const { DatabaseName, TableName } = await created();
    const later = new GetPartitionsCommand({ DatabaseName, TableName, TransactionId: '7' });
    await expect(client.send(later)).rejects.toMatchObject({
      message: 'The local Glue has no parameter TransactionId.',
    });
  });
});

describe('partitions', () => {
  test('are created, found page by page, updated and deleted', async () => {
    const own = await created();
    for (const first of [0, 100])
      await client.send(
        new BatchCreatePartitionCommand({
          ...own,
          PartitionInputList: days(first, 100).map((day) => partition(day)),
        }),
      );
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new GetPartitionsCommand({ ...own, MaxResults: 70, NextToken }));
      for (const { Values = [] } of page.Partitions ?? []) found.push(...Values);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(found.toSorted()).toEqual(days(0, 200).toSorted());
    const Entries = [{ PartitionValueList: ['d7'], PartitionInput: partition('d7', 's3://lake/new/') }];
    expect((await client.send(new BatchUpdatePartitionCommand({ ...own, Entries }))).Errors ?? []).toEqual(
      [],
    );
    const get = new BatchGetPartitionCommand({
      ...own,
      PartitionsToGet: [{ Values: ['d7'] }, { Values: ['d8'] }],
    });
    const locations = (await client.send(get)).Partitions?.map((each) => each.StorageDescriptor?.Location);
    expect(locations).toEqual(['s3://lake/new/', 's3://lake/d8/']);
    await client.send(new BatchDeletePartitionCommand({ ...own, PartitionsToDelete: [{ Values: ['d8'] }] }));
    expect((await client.send(get)).Partitions).toHaveLength(1);
  });

  test('that exist, or do not, fail one by one in an answer that succeeds', async () => {
    const own = await created();
    const create = (...names: string[]) =>
      client.send(
        new BatchCreatePartitionCommand({ ...own, PartitionInputList: names.map((day) => partition(day)) }),
      );
    await create('d1');
    expect((await create('d1', 'd2')).Errors).toEqual([
      {
        PartitionValues: ['d1'],
        ErrorDetail: { ErrorCode: 'AlreadyExistsException', ErrorMessage: 'Partition already exists.' },
      },
    ]);
    const Entries = ['d2', 'd3'].map((day) => ({
      PartitionValueList: [day],
      PartitionInput: partition(day),
    }));
    expect((await client.send(new BatchUpdatePartitionCommand({ ...own, Entries }))).Errors).toEqual([
      {
        PartitionValueList: ['d3'],
        ErrorDetail: { ErrorCode: 'EntityNotFoundException', ErrorMessage: 'Cannot find partition.' },
      },
    ]);
    const wrong = { ...partition('d4'), Values: ['d4', 'x'] };
    const answer = await client.send(
      new BatchCreatePartitionCommand({ ...own, PartitionInputList: [wrong, partition('d5')] }),
    );
    expect(answer.Errors?.map(({ ErrorDetail }) => ErrorDetail?.ErrorCode)).toEqual([
      'InvalidInputException',
    ]);
    expect((await client.send(new GetPartitionsCommand(own))).Partitions).toHaveLength(3);
  });

  test('more of them in one call than AWS takes are refused, and none is changed', async () => {
    const own = await created();
    const refused = { name: 'ValidationException' };
    const PartitionInputList = days(0, 101).map((day) => partition(day));
    await expect(
      client.send(new BatchCreatePartitionCommand({ ...own, PartitionInputList })),
    ).rejects.toMatchObject(refused);
    const Entries = days(0, 101).map((day) => ({
      PartitionValueList: [day],
      PartitionInput: partition(day),
    }));
    await expect(client.send(new BatchUpdatePartitionCommand({ ...own, Entries }))).rejects.toMatchObject(
      refused,
    );
    const PartitionsToDelete = days(0, 26).map((day) => ({ Values: [day] }));
    await expect(
      client.send(new BatchDeletePartitionCommand({ ...own, PartitionsToDelete })),
    ).rejects.toMatchObject(refused);
    expect((await client.send(new GetPartitionsCommand(own))).Partitions).toEqual([]);
  });
});

test('a catalogue with a file outlives the server', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'glue-'));
  const file = join(directory, 'glue.json');
  const own = { DatabaseName: 'lake', TableName: 't' };
  const during = async (work: (other: GlueClient) => Promise<void>) => {
    const other = await startGlueServer({ host: '127.0.0.1', port: 0, file });
    const its = connected(other.endpoint);
    try {
      await work(its);
    } finally {
      its.destroy();
      await other.close();
    }
  };
  try {
    await during(async (its) => {
      await its.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lake' } }));
      await its.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: table('t') }));
      await its.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput: table('t') }));
      await its.send(new BatchCreatePartitionCommand({ ...own, PartitionInputList: [partition('d1')] }));
    });
    await during(async (its) => {
      const found = await its.send(new GetTableCommand({ DatabaseName: 'lake', Name: 't' }));
      expect(found.Table?.VersionId).toBe('1');
      const [only] = (await its.send(new GetPartitionsCommand(own))).Partitions ?? [];
      expect(only?.Values).toEqual(['d1']);
      const again = new BatchCreatePartitionCommand({ ...own, PartitionInputList: [partition('d1')] });
      expect((await its.send(again)).Errors).toHaveLength(1);
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a request without a signature is refused', async () => {
  const target = { 'x-amz-target': 'AWSGlue.GetDatabases' };
  const unsigned = await fetch(server.endpoint, { method: 'POST', headers: target, body: '{}' });
  expect([unsigned.status, await unsigned.json()]).toMatchObject([
    400,
    { __type: 'MissingAuthenticationTokenException' },
  ]);
});
