import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  ExecuteStatementCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, describe, expect, test } from '@jest/globals';
import { dynamodbStreamsClient } from '../../../src/clients/dynamodb/dynamodb-change-streams.ts';
import { dynamodbClient } from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { testStack } from '../setup/stack.ts';

/** The behaviour of DynamoDB that local/dynamodb/README.md lists, through the SDK's clients. */

const { endpoint, region } = testStack().dynamodb;
useStackCredentials();
const client = dynamodbClient({ endpoint, region });
const streams = dynamodbStreamsClient({ endpoint, region });
const suffix = Date.now().toString(36);
const id = (text: string) => ({ id: { S: text } });

afterAll(() => {
  client.destroy();
  streams.destroy();
});

async function createTable(name: string): Promise<string> {
  const TableName = `streams-${name}-${suffix}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  return TableName;
}

async function control(what: string, body: object): Promise<unknown> {
  const response = await fetch(`${endpoint}/_control/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  expect([response.ok, text]).toEqual([true, text]);
  return text === '' ? undefined : JSON.parse(text);
}

/** All records of a table's newest stream, shard after shard. The stream is closed for that. */
async function records(TableName: string): Promise<StreamRecord[]> {
  await client.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams!.at(-1)!.StreamArn!;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const all: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription!.Shards!) {
    const place = { StreamArn, ShardId: ShardId!, ShardIteratorType: 'TRIM_HORIZON' as const };
    let { ShardIterator } = await streams.send(new GetShardIteratorCommand(place));
    while (ShardIterator !== undefined) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
      for (const record of page.Records ?? []) all.push(record);
      ShardIterator = page.NextShardIterator;
    }
  }
  return all;
}

type Image = Record<string, AttributeValue>;
/** What happened, to which item, from what to what. */
const summary = ({ eventName, dynamodb }: StreamRecord) => [
  eventName,
  ...(dynamodb!.OldImage ? [dynamodb!.OldImage] : []),
  ...(dynamodb!.NewImage ? [dynamodb!.NewImage] : []),
];

describe('the client gets the return values that it asked for', () => {
  const old: Image = { ...id('a'), n: { N: '1' }, same: { S: 'x' } };
  const update = {
    Key: id('a'),
    UpdateExpression: 'SET n = :n',
    ExpressionAttributeValues: { ':n': { N: '2' } },
  };
  const updated: Image = { ...old, n: { N: '2' } };

  test.each([
    ['NONE', undefined],
    [undefined, undefined],
    ['ALL_OLD', old],
    ['ALL_NEW', updated],
    ['UPDATED_OLD', { n: { N: '1' } }],
    ['UPDATED_NEW', { n: { N: '2' } }],
  ] as const)('of an update with %s', async (ReturnValues, attributes) => {
    const TableName = await createTable(`update-${ReturnValues ?? 'absent'}`);
    await client.send(new PutItemCommand({ TableName, Item: old }));
    const answer = await client.send(new UpdateItemCommand({ TableName, ...update, ReturnValues }));
    expect(answer.Attributes).toEqual(attributes);
    expect((await records(TableName)).map(summary)).toEqual([
      ['INSERT', old],
      ['MODIFY', old, updated],
    ]);
  });

  test.each([
    ['NONE', undefined],
    ['ALL_OLD', old],
  ] as const)('of a put and a delete with %s', async (ReturnValues, attributes) => {
    const TableName = await createTable(`put-${ReturnValues}`);
    await client.send(new PutItemCommand({ TableName, Item: old, ReturnValues }));
    const put = await client.send(new PutItemCommand({ TableName, Item: updated, ReturnValues }));
    expect(put.Attributes).toEqual(attributes);
    const deletion: DeleteItemCommandInput = { TableName, Key: id('a'), ReturnValues };
    const deleted = await client.send(new DeleteItemCommand(deletion));
    expect(deleted.Attributes).toEqual(attributes && updated);
    expect((await client.send(new DeleteItemCommand(deletion))).Attributes).toBeUndefined();
    expect((await records(TableName)).map(summary)).toEqual([
      ['INSERT', old],
      ['MODIFY', old, updated],
      ['REMOVE', updated],
    ]);
  });

  test.each([
    ['another type', { id: { N: '1' } }],
    ['an empty key', id('')],
    ['more than the key', { ...id('a'), n: { N: '1' } }],
  ])('a key with %s is refused with DynamoDB’s error, and nothing is lost', async (what, Key) => {
    const TableName = await createTable(`key-${what.replaceAll(' ', '-')}`);
    await client.send(new PutItemCommand({ TableName, Item: id('a') }));
    for (const command of [
      new UpdateItemCommand({ TableName, ...update, Key }),
      new DeleteItemCommand({ TableName, Key }),
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } }),
      new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key } }] }),
    ]) {
      await expect(client.send(command as DeleteItemCommand)).rejects.toMatchObject({
        name: expect.stringMatching(/^(ValidationException|TransactionCanceledException)$/),
      });
    }
    expect((await records(TableName)).map(summary)).toEqual([['INSERT', id('a')]]);
  });

  test('a condition that does not hold is answered as such, and records nothing', async () => {
    const TableName = await createTable('condition');
    const ConditionExpression = 'attribute_exists(id)';
    for (const command of [
      new PutItemCommand({ TableName, Item: id('a'), ConditionExpression }),
      new UpdateItemCommand({ TableName, ...update, ConditionExpression }),
      new DeleteItemCommand({ TableName, Key: id('a'), ConditionExpression }),
    ]) {
      await expect(client.send(command as PutItemCommand)).rejects.toMatchObject({
        name: 'ConditionalCheckFailedException',
      });
    }
    expect(await records(TableName)).toEqual([]);
  });
});

describe('what is recorded', () => {
  test('is each write of a key in the order in which it took effect', async () => {
    const TableName = await createTable('concurrent');
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const Key = id(String(index % 3));
        await client.send(
          index % 5 === 4
            ? (new DeleteItemCommand({ TableName, Key }) as never)
            : index % 5 === 3
              ? (new PutItemCommand({
                  TableName,
                  Item: { ...Key, n: { N: '1000' }, put: { N: String(index) } },
                }) as never)
              : new UpdateItemCommand({
                  TableName,
                  Key,
                  UpdateExpression: 'ADD n :one',
                  ExpressionAttributeValues: { ':one': { N: '1' } },
                }),
        );
      }),
    );
    const current = new Map<string, Image | undefined>();
    const all = await records(TableName);
    for (const { dynamodb } of all) {
      const key = dynamodb!.Keys!.id!.S!;
      expect(dynamodb!.OldImage).toEqual(current.get(key));
      current.set(key, dynamodb!.NewImage);
    }
    expect(all.length).toBeGreaterThan(40);
  });

  test('of a batch is each of its writes that changes something', async () => {
    const TableName = await createTable('batch');
    await client.send(new PutItemCommand({ TableName, Item: { ...id('a'), n: { N: '1' } } }));
    await client.send(new PutItemCommand({ TableName, Item: { ...id('b'), set: { SS: ['x', 'y'] } } }));
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [TableName]: [
            { PutRequest: { Item: { ...id('a'), n: { N: '1.0' } } } },
            { PutRequest: { Item: { ...id('b'), set: { SS: ['y', 'x'] } } } },
            { PutRequest: { Item: { ...id('c'), n: { N: '1e2' } } } },
            { DeleteRequest: { Key: id('none') } },
          ],
        },
      }),
    );
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: id('a') } }] } }),
    );
    expect((await records(TableName)).slice(2).map(summary)).toEqual([
      ['INSERT', { ...id('c'), n: { N: '100' } }],
      ['REMOVE', { ...id('a'), n: { N: '1' } }],
    ]);
  });

  test('of a transaction is each of its changes, once even if it is repeated with its token', async () => {
    const TableName = await createTable('transaction');
    await client.send(new PutItemCommand({ TableName, Item: id('gone') }));
    const transaction = new TransactWriteItemsCommand({
      ClientRequestToken: createHash('md5').update(TableName).digest('hex'),
      TransactItems: [
        { Put: { TableName, Item: id('a') } },
        { Delete: { TableName, Key: id('gone') } },
        { ConditionCheck: { TableName, Key: id('other'), ConditionExpression: 'attribute_not_exists(id)' } },
        {
          Update: {
            TableName,
            Key: id('b'),
            UpdateExpression: 'SET n = :n',
            ExpressionAttributeValues: { ':n': { N: '1' } },
          },
        },
      ],
    });
    await client.send(transaction);
    await client.send(new DeleteItemCommand({ TableName, Key: id('a') }));
    await client.send(transaction);
    const all = await records(TableName);
    expect(all.map(summary)).toEqual([
      ['INSERT', id('gone')],
      ['INSERT', id('a')],
      ['REMOVE', id('gone')],
      ['INSERT', { ...id('b'), n: { N: '1' } }],
      ['REMOVE', id('a')],
    ]);
  });

  test('of a failed transaction is nothing', async () => {
    const TableName = await createTable('cancelled');
    const failing = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: id('a') } },
        { ConditionCheck: { TableName, Key: id('b'), ConditionExpression: 'attribute_exists(id)' } },
      ],
    });
    await expect(client.send(failing)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(await records(TableName)).toEqual([]);
  });

  test('of items whose time to live has passed is a deletion by DynamoDB', async () => {
    const TableName = await createTable('ttl');
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' },
      }),
    );
    const items: Image[] = [
      { ...id('passed'), until: { N: '1' } },
      { ...id('later'), until: { N: '99999999999' } },
      { ...id('text'), until: { S: '1' } },
      id('never'),
    ];
    for (const Item of items) await client.send(new PutItemCommand({ TableName, Item }));
    expect(await control('expire', { table: TableName })).toEqual({ expired: 1 });
    const [record] = (await records(TableName)).slice(items.length);
    expect(record).toMatchObject({
      eventName: 'REMOVE',
      dynamodb: { OldImage: items[0] },
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    });
  });

  test('of the largest items are both images', async () => {
    const TableName = await createTable('large');
    const item = (letter: string) => ({ ...id('a'), text: { S: letter.repeat(400_000) } });
    for (const letter of ['x', 'y']) await client.send(new PutItemCommand({ TableName, Item: item(letter) }));
    expect((await records(TableName)).map(summary)).toEqual([
      ['INSERT', item('x')],
      ['MODIFY', item('x'), item('y')],
    ]);
  });

  test('that is trimmed keeps its newest records on request', async () => {
    const TableName = await createTable('trimmed');
    for (const each of ['a', 'b', 'c']) await client.send(new PutItemCommand({ TableName, Item: id(each) }));
    expect(await control('trim', { table: TableName, keep: 1 })).toEqual({ trimmed: 2 });
    expect((await records(TableName)).map(summary)).toEqual([['INSERT', id('c')]]);
  });

  test('of 64 shards is divided among them by key', async () => {
    const TableName = `streams-many-${suffix}`;
    await control('partitions', { table: TableName, partitions: 64 });
    expect(await createTable('many')).toBe(TableName);
    for (let start = 0; start < 500; start += 25) {
      const requests = Array.from({ length: 25 }, (_, index) => ({
        PutRequest: { Item: id(String(start + index)) },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
    const all = await records(TableName);
    expect(new Set(all.map(({ dynamodb }) => dynamodb!.Keys!.id!.S)).size).toBe(500);
    const listed = (await fetch(`${endpoint}/_control/streams`).then((r) => r.json())) as {
      table: string;
      shards: { records: number }[];
    }[];
    const { shards } = listed.find(({ table }) => table === TableName)!;
    expect(shards).toHaveLength(64);
    expect(Math.max(...shards.map((shard) => shard.records))).toBeLessThan(40);
  });

  test('by PartiQL would be nothing, so it can only read while a table has a stream', async () => {
    const TableName = await createTable('partiql');
    const execute = (Statement: string) => client.send(new ExecuteStatementCommand({ Statement }));
    await expect(execute(`DELETE FROM "${TableName}" WHERE id = 'a'`)).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await client.send(new PutItemCommand({ TableName, Item: id('a') }));
    expect((await execute(`SELECT * FROM "${TableName}"`)).Items).toEqual([id('a')]);
  });
});

describe('the protocol', () => {
  const call = async (operation: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': operation,
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return { response, body: Buffer.from(await response.arrayBuffer()) };
  };

  test('every answer has the checksum of its body', async () => {
    const TableName = await createTable('checksum');
    for (const [operation, body] of [
      ['DynamoDB_20120810.PutItem', { TableName, Item: id('é') }],
      ['DynamoDB_20120810.DescribeTable', { TableName }],
      ['DynamoDB_20120810.Scan', { TableName }],
      ['DynamoDBStreams_20120810.ListStreams', {}],
    ] as const) {
      const answer = await call(operation, body);
      expect([operation, answer.response.status]).toEqual([operation, 200]);
      expect(answer.response.headers.get('x-amz-crc32')).toBe(String(crc32(answer.body)));
    }
  });

  test.each([
    ['DynamoDBStreams_20120810.Unknown', {}, {}, 'UnknownOperationException'],
    [
      'DynamoDBStreams_20120810.ListStreams',
      {},
      { authorization: '' },
      'MissingAuthenticationTokenException',
    ],
    ['DynamoDBStreams_20120810.DescribeStream', { StreamArn: 'x' }, {}, 'ResourceNotFoundException'],
    ['DynamoDBStreams_20120810.GetRecords', { ShardIterator: 'x' }, {}, 'ValidationException'],
    [
      'DynamoDB_20120810.CreateTable',
      { StreamSpecification: { StreamEnabled: true } },
      {},
      'ValidationException',
    ],
  ])('%s with %j and %j is %s', async (operation, body, headers, name) => {
    const answer = await call(operation, body, headers);
    expect(answer.response.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ __type: expect.stringMatching(`#${name}$`) });
  });

  test('an attribute whose name looks like an escape or a built-in is kept', async () => {
    const TableName = await createTable('names');
    const Item = JSON.parse(
      '{"id":{"S":"a"},"\\\\":{"S":"b"},"\\"":{"S":"c"},"__proto__":{"S":"d"}}',
    ) as object;
    await call('DynamoDB_20120810.PutItem', { TableName, Item });
    const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
    const StreamArn = Streams![0]!.StreamArn!;
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription!.Shards![0]!.ShardId!;
    const place = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
    let { ShardIterator } = await streams.send(new GetShardIteratorCommand(place));
    let text = '';
    while (!text.includes('NewImage')) {
      text = (await call('DynamoDBStreams_20120810.GetRecords', { ShardIterator })).body.toString();
      ({ NextShardIterator: ShardIterator } = JSON.parse(text) as { NextShardIterator?: string });
    }
    for (const member of Object.entries(Item)) {
      expect(text).toContain(JSON.stringify(Object.fromEntries([member])).slice(1, -1));
    }
  });

  test('a page in a browser can neither call it by another name nor send a form', async () => {
    const form = await fetch(`${endpoint}/_control/clock`, { method: 'POST', body: 'offsetSeconds=1' });
    expect(form.status).toBe(415);
    const unknown = await fetch(`${endpoint}/_control/nothing`);
    expect(unknown.status).toBe(404);
  });
});
