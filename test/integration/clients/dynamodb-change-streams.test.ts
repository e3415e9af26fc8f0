import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ShardReader, StreamOfTable, StreamRecord } from '../../../src/clients/change-stream.ts';
import {
  createDynamoDBChangeStreams,
  dynamodbStreamsClient,
} from '../../../src/clients/dynamodb/dynamodb-change-streams.ts';
import { dynamodbClient } from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

const { endpoint, region } = testStack().dynamodb;
useStackCredentials();
const client = dynamodbClient({ endpoint, region });
const streams = dynamodbStreamsClient({ endpoint, region });
const changes = createDynamoDBChangeStreams({ dynamodb: client, streams });
const suffix = Date.now().toString(36);

afterAll(() => {
  client.destroy();
  streams.destroy();
});

async function createTable(name: string, StreamViewType?: 'NEW_AND_OLD_IMAGES' | 'KEYS_ONLY') {
  const TableName = `changes-${name}-${suffix}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ...(StreamViewType && { StreamSpecification: { StreamEnabled: true, StreamViewType } }),
    }),
  );
  return TableName;
}

/** What happens on AWS by itself: see local/dynamodb/README.md. */
async function control(what: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${endpoint}/_control/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  expect([response.ok, text]).toEqual([true, text]);
  return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
}

async function streamed(table: string): Promise<StreamOfTable> {
  const stream = await changes.streamOf(table);
  if (stream === undefined) throw new Error(`${table} has no stream`);
  return stream;
}

async function shardsOf(table: string) {
  return (await changes.shards((await streamed(table)).arn))!.shards;
}

/** Reads until the shard ends, or until there are `count` records. */
async function readAll(reader: ShardReader, count = Number.POSITIVE_INFINITY): Promise<StreamRecord[]> {
  const all: StreamRecord[] = [];
  for (;;) {
    const { records, ended } = await reader.next();
    for (const record of records) all.push(record);
    if (ended || all.length >= count) return all;
  }
}

const put = (TableName: string, id: number, more: object = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { id: { N: String(id) }, ...more } }));

describe('the stream of a table', () => {
  test('is found with its view type, and not once it is disabled', async () => {
    const table = await createTable('found', 'KEYS_ONLY');
    const stream = await streamed(table);
    expect(stream).toMatchObject({
      viewType: 'KEYS_ONLY',
      arn: expect.stringContaining(`table/${table}/stream/`),
    });
    expect(new Date(stream.enabledAtMs).toISOString().slice(0, -1)).toBe(stream.arn.split('/stream/')[1]);
    const disabled = { TableName: table, StreamSpecification: { StreamEnabled: false } };
    await client.send(new UpdateTableCommand(disabled));
    expect(await changes.streamOf(table)).toBeUndefined();
    expect((await changes.shards(stream.arn))?.status).toBe('DISABLED');
  });

  test('is another one after it was enabled again, and of another table after that was recreated', async () => {
    const table = await createTable('again', 'KEYS_ONLY');
    const first = await streamed(table);
    const specification = (StreamEnabled: boolean) => ({
      TableName: table,
      StreamSpecification: { StreamEnabled, ...(StreamEnabled && { StreamViewType: 'NEW_IMAGE' as const }) },
    });
    await client.send(new UpdateTableCommand(specification(false)));
    await client.send(new UpdateTableCommand(specification(true)));
    const second = await streamed(table);
    expect(second).toMatchObject({ viewType: 'NEW_IMAGE', tableId: first.tableId });
    expect(second.arn).not.toBe(first.arn);
    await client.send(new DeleteTableCommand({ TableName: table }));
    await createTable('again', 'KEYS_ONLY');
    const third = await streamed(table);
    expect(third.tableId).not.toBe(first.tableId);
    expect(new Set([first.arn, second.arn, third.arn]).size).toBe(3);
  });

  test('is absent if none was ever enabled; a table that does not exist is TableNotFound', async () => {
    expect(await changes.streamOf(await createTable('none'))).toBeUndefined();
    await expect(changes.streamOf('changes-no-such')).rejects.toMatchObject({ code: 'TableNotFound' });
    expect(await changes.shards('arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/y')).toBeUndefined();
  });
});

describe('the records of a shard', () => {
  test('are what happened to the items, with exact values', async () => {
    const table = await createTable('exact', 'NEW_AND_OLD_IMAGES');
    const exact = {
      big: { N: '12345678901234567890123456789012345678' },
      bytes: { B: Buffer.from([0, 255]) },
      list: { L: [{ M: { 'a"\\b': { NULL: true } } }, { SS: ['b', 'a'] }] },
    };
    await put(table, 1, exact);
    await put(table, 1, exact);
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { N: '1.0' } },
        UpdateExpression: 'SET big = :big REMOVE #list, bytes',
        ExpressionAttributeNames: { '#list': 'list' },
        ExpressionAttributeValues: { ':big': { N: '1e2' } },
      }),
    );
    await client.send(new DeleteItemCommand({ TableName: table, Key: { id: { N: '1' } } }));
    await client.send(new DeleteItemCommand({ TableName: table, Key: { id: { N: '1' } } }));
    const { arn } = await streamed(table);
    const [shard] = await shardsOf(table);
    const records = await readAll(changes.read({ streamArn: arn, shard: shard!.id }), 3);
    const key = { id: { N: '1' } };
    const image = {
      ...key,
      big: exact.big,
      bytes: { B: 'AP8=' },
      list: { L: [{ M: { 'a"\\b': { NULL: true } } }, { SS: ['b', 'a'] }] },
    };
    const later = { ...key, big: { N: '100' } };
    expect(records).toEqual([
      expect.objectContaining({ kind: 'INSERT', key, image, expired: false }),
      expect.objectContaining({ kind: 'MODIFY', key, before: image, image: later }),
      expect.objectContaining({ kind: 'REMOVE', key, before: later }),
    ]);
    expect(records[2]!.image).toBeUndefined();
  });

  test('are read once each and in order, past empty answers and after the last one', async () => {
    const table = await createTable('order', 'KEYS_ONLY');
    for (let start = 0; start < 100; start += 25) {
      const requests = Array.from({ length: 25 }, (_, index) => ({
        PutRequest: { Item: { id: { N: String(start + index) } } },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
    const { arn } = await streamed(table);
    const [shard] = await shardsOf(table);
    const records = await readAll(changes.read({ streamArn: arn, shard: shard!.id }), 100);
    expect(records.map(({ key }) => key.id)).toEqual(
      Array.from({ length: 100 }, (_, id) => ({ N: String(id) })),
    );
    const resumed = changes.read({ streamArn: arn, shard: shard!.id, after: records[59]!.sequence });
    expect((await readAll(resumed, 40)).map(({ sequence }) => sequence)).toEqual(
      records.slice(60).map(({ sequence }) => sequence),
    );
  });

  test('of parents end, and continue in their children', async () => {
    const table = await createTable('split', 'KEYS_ONLY');
    await put(table, 1);
    await control('split', { table });
    for (let id = 2; id < 20; id++) await put(table, id);
    await control('roll', { table });
    const { arn } = await streamed(table);
    const shards = await shardsOf(table);
    expect(shards.map(({ closed }) => closed)).toEqual([true, true, false, false]);
    const [parent, left, right, child] = shards;
    expect([left!.parent, right!.parent, child!.parent]).toEqual([parent!.id, parent!.id, left!.id]);
    const read = (id: string) => readAll(changes.read({ streamArn: arn, shard: id }), 18);
    expect((await read(parent!.id)).map(({ key }) => key)).toEqual([{ id: { N: '1' } }]);
    const ended = await read(left!.id);
    expect(ended.length).toBeGreaterThan(0);
    const reader = changes.read({ streamArn: arn, shard: left!.id, after: ended.at(-1)!.sequence });
    expect(await readAll(reader)).toEqual([]);
    expect(await reader.next()).toEqual({ records: [], ended: true });
  });
});

describe('when reading fails', () => {
  test('trimmed records are ChangesTrimmed, from the first one on as well', async () => {
    const table = await createTable('trimmed', 'KEYS_ONLY');
    for (let id = 1; id <= 3; id++) await put(table, id);
    const { arn } = await streamed(table);
    const [shard] = await shardsOf(table);
    const place = { streamArn: arn, shard: shard!.id };
    const waiting = changes.read(place);
    const [first] = await readAll(waiting, 3);
    const behind = changes.read({ ...place, after: first!.sequence });
    const whole = changes.read({ ...place, from: shard!.first });
    await control('trim', { table });
    await put(table, 4);
    for (const reader of [behind, whole]) {
      await expect(reader.next()).rejects.toMatchObject({ name: 'Terminal', code: 'ChangesTrimmed' });
    }
    expect((await readAll(waiting, 1)).map(({ key }) => key)).toEqual([{ id: { N: '4' } }]);
    expect(await readAll(changes.read(place), 1)).toHaveLength(1);
  });

  test('a shard that is no longer listed is ChangesTrimmed', async () => {
    const table = await createTable('forgotten', 'KEYS_ONLY');
    const { arn } = await streamed(table);
    const [shard] = await shardsOf(table);
    await control('roll', { table });
    await control('trim', { table, forgetShards: true });
    expect(await shardsOf(table)).toHaveLength(1);
    const reader = changes.read({ streamArn: arn, shard: shard!.id });
    await expect(reader.next()).rejects.toMatchObject({ code: 'ChangesTrimmed' });
  });

  test.each([
    ['ExpiredIteratorException', 'GetRecords', []],
    ['ProvisionedThroughputExceededException', 'GetRecords', ['GetRecords']],
    ['LimitExceededException', 'DescribeStream', ['DescribeStream']],
    ['InternalServerError', 'GetShardIterator', []],
  ])('%s of %s passes, and no record is lost; a limit is reported', async (error, operation, limits) => {
    const table = await createTable(`fault-${operation}-${error}`.slice(0, 40), 'KEYS_ONLY');
    await put(table, 1);
    const { arn } = await streamed(table);
    await control('faults', { operation, error });
    const hit: string[] = [];
    const onLimit = (call: string) => void hit.push(call);
    const [shard] = (await changes.shards(arn, { onLimit }))!.shards;
    const reader = changes.read({ streamArn: arn, shard: shard!.id });
    const watched = { next: () => reader.next({ onLimit }) };
    expect(await readAll(watched, 1)).toHaveLength(1);
    expect(hit).toEqual(limits);
  });
});
