import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetTableCommand, GlueClient, UpdateTableCommand } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GlueServer, startGlueServer } from '../../../../local/glue/server.ts';
import type { Catalogue } from '../../../../src/clients/catalogue.ts';
import { createGlueCatalogue } from '../../../../src/clients/glue/glue-catalogue.ts';
import type {
  PartitionDefinition,
  TableDefinition,
} from '../../../../src/pipeline/datasets/catalogue/catalogue-table.ts';

const connected = (endpoint: string) =>
  new GlueClient({
    ...{ endpoint, region: 'us-east-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });

let server: GlueServer;
let client: GlueClient;
let catalogue: Catalogue;
beforeAll(async () => {
  server = await startGlueServer({ host: '127.0.0.1', port: 0 });
  client = connected(server.endpoint);
  catalogue = createGlueCatalogue({ client });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const definition: TableDefinition = {
  columns: [{ name: 'id', type: 'string', comment: 'The id.' }],
  partitionKeys: [{ name: 'day', type: 'date' }],
  location: 's3://lake/requests/',
  parameters: { classification: 'parquet' },
};
const partition = (day: string, generation = 1): PartitionDefinition => ({
  values: [day],
  location: `s3://lake/requests/day=${day}/gen-${generation}/`,
  columns: [{ name: 'id', type: 'string' }],
  parameters: { generation: String(generation) },
});
async function all(address: { database: string; table: string }): Promise<PartitionDefinition[]> {
  const found: PartitionDefinition[] = [];
  for await (const each of catalogue.partitions(address)) found.push(each);
  return found;
}

describe('a Glue catalogue', () => {
  test('creates database and table once', async () => {
    const address = { database: 'db', table: 'first' };
    expect(await catalogue.table(address)).toBeUndefined();
    expect(await catalogue.createTable(address, definition)).toBe('no database');
    expect(await catalogue.createDatabase('db')).toBe('created');
    expect(await catalogue.createDatabase('db')).toBe('exists');
    expect(await catalogue.createTable(address, definition)).toBe('created');
    expect(await catalogue.createTable(address, definition)).toBe('exists');
    expect(await catalogue.table(address)).toMatchObject({ ...definition, version: '0' });
    const { Table } = await client.send(new GetTableCommand({ DatabaseName: 'db', Name: 'first' }));
    expect(Table).toMatchObject({
      TableType: 'EXTERNAL_TABLE',
      StorageDescriptor: {
        InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
    });
  });

  test('updates the version that was read, and gives back what else the table has', async () => {
    const address = { database: 'db', table: 'updated' };
    await catalogue.createTable(address, definition);
    const found = await catalogue.table(address);
    const TableInput = {
      ...{ Name: 'updated', Description: 'Requests.', Owner: 'web', Retention: 7 },
      StorageDescriptor: { Columns: [{ Name: 'id', Type: 'string' }], Parameters: { a: 'b' } },
      PartitionKeys: [{ Name: 'day', Type: 'date' }],
    };
    await client.send(new UpdateTableCommand({ DatabaseName: 'db', TableInput }));
    expect(await catalogue.updateTable(address, found!)).toBe('changed');
    const reread = await catalogue.table(address);
    expect(await catalogue.updateTable(address, { ...reread!, ...definition })).toBe('updated');
    const { Table } = await client.send(new GetTableCommand({ DatabaseName: 'db', Name: 'updated' }));
    expect(Table).toMatchObject({
      ...{ VersionId: '2', Description: 'Requests.', Owner: 'web', Retention: 7 },
      StorageDescriptor: { Location: 's3://lake/requests/', Parameters: { a: 'b' } },
    });
    expect(await catalogue.updateTable({ ...address, table: 'none' }, reread!)).toBe('changed');
  });

  test('has no partitions of a table that is missing, and cannot add any', async () => {
    const address = { database: 'db', table: 'none' };
    expect(await all(address)).toEqual([]);
    await expect(catalogue.createPartitions(address, [partition('d1')])).rejects.toMatchObject({
      ...{ name: 'Transient', code: 'WriteConflict' },
      message: expect.stringContaining('db.none was deleted meanwhile'),
    });
  });

  test('writes any number of partitions, and reports those that fail', async () => {
    const address = { database: 'db', table: 'many' };
    await catalogue.createTable(address, definition);
    const days = Array.from({ length: 250 }, (_, day) => partition(`d${day}`));
    expect(await catalogue.createPartitions(address, days.slice(0, 130))).toEqual([]);
    const failed = await catalogue.createPartitions(address, days);
    expect(failed).toHaveLength(130);
    expect(failed[0]).toEqual({
      values: ['d0'],
      kind: 'exists',
      message: 'AlreadyExistsException: Partition already exists.',
    });
    expect(await all(address)).toHaveLength(250);
    const switched = [...days.map(({ values: [day] }) => partition(day!, 2)), partition('none')];
    expect(await catalogue.updatePartitions(address, switched)).toMatchObject([
      { values: ['none'], kind: 'missing' },
    ]);
    expect(new Set((await all(address)).map(({ parameters }) => parameters.generation))).toEqual(
      new Set(['2']),
    );
    const values = [['none'], ...days.slice(0, 60).map((day) => day.values)];
    expect(await catalogue.deletePartitions(address, values)).toMatchObject([
      { values: ['none'], kind: 'missing' },
    ]);
    expect(await all(address)).toHaveLength(190);
    expect((await all(address)).find(({ values: [day] }) => day === 'd60')).toEqual(partition('d60', 2));
  });
});

describe('a failure of Glue', () => {
  let refusing: Server;
  let answer: { status: number; type: string; message: string };
  let other: Catalogue;
  beforeAll(async () => {
    refusing = createServer((_request, response) => {
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: answer.type, Message: answer.message }));
    });
    refusing.listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    const { port } = refusing.address() as AddressInfo;
    other = createGlueCatalogue({ client: connected(`http://127.0.0.1:${port}`) });
  });
  afterAll(() => void refusing.close());

  test.each([
    ['InternalServiceException', 500, 'ServiceFailed', 'Transient'],
    ['OperationTimeoutException', 400, 'TimedOut', 'Transient'],
    ['ThrottlingException', 400, 'Throttled', 'Transient'],
    ['AccessDeniedException', 400, 'AccessDenied', 'Terminal'],
    ['GlueEncryptionException', 400, 'AccessDenied', 'Terminal'],
    ['InvalidInputException', 400, 'Refused', 'Terminal'],
  ])('%s is %s: %s', async (type, status, code, name) => {
    answer = { status, type, message: 'said Glue' };
    const reading = other.table({ database: 'lake', table: 'requests' });
    await expect(reading).rejects.toMatchObject({
      ...{ name, code },
      message: expect.stringMatching(/^Cannot read lake\.requests in the Glue catalogue: said Glue/),
    });
  });

  test('names the permission that is missing', async () => {
    const message =
      'User: arn:aws:iam::1:user/me is not authorized to perform: glue:GetTable on resource: arn:aws:glue:x';
    answer = { status: 400, type: 'AccessDeniedException', message };
    await expect(other.table({ database: 'lake', table: 'requests' })).rejects.toThrow(
      /Allow glue:GetTable for the worker’s identity .* Lake Formation/,
    );
  });
});
