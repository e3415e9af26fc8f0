import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SqsServer, startSqsServer } from '../../../../local/sqs/server.ts';

let server: SqsServer;
let client: SQSClient;
let QueueUrl: string;
beforeAll(async () => {
  server = await startSqsServer({ host: '127.0.0.1', port: 0, sizesFrom: () => async () => undefined });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new SQSClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  QueueUrl = await created('orders');
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

async function created(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
}
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const receive = async (options: object = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...options })))
    .Messages ?? [];

test('a message arrives with the attributes that were asked for, and the MD5s that clients check', async () => {
  const MessageAttributes = {
    trace: { DataType: 'String', StringValue: 'ä' },
    'data.bytes': { DataType: 'Binary.png', BinaryValue: new Uint8Array([1, 2, 255]) },
    count: { DataType: 'Number', StringValue: '3' },
  };
  const sent = await client.send(
    new SendMessageCommand({ QueueUrl, MessageBody: 'body 😀', MessageAttributes }),
  );
  const [message] = await receive({
    MessageAttributeNames: ['trace', 'data.*'],
    MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    VisibilityTimeout: 0,
  });
  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: 'body 😀',
    Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
  });
  expect(Object.keys(message!.MessageAttributes!).sort()).toEqual(['data.bytes', 'trace']);
  expect(message!.MessageAttributes!['data.bytes']!.BinaryValue).toEqual(new Uint8Array([1, 2, 255]));
  expect(message!.MD5OfMessageAttributes).not.toBe(sent.MD5OfMessageAttributes);
  const [again] = await receive({ MessageAttributeNames: ['All'] });
  expect(again!.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
  expect(again!.Attributes).toBeUndefined();
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again!.ReceiptHandle }));
});

test('of a batch, the valid entries are done and the others reported', async () => {
  const entries = [
    { Id: 'good', MessageBody: 'a' },
    { Id: 'empty', MessageBody: '' },
    { Id: 'control', MessageBody: 'a\u0000' },
    { Id: 'late', MessageBody: 'b', DelaySeconds: 901 },
  ];
  const { Successful, Failed } = await client.send(
    new SendMessageBatchCommand({ QueueUrl, Entries: entries }),
  );
  expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
  expect(Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
    ['empty', 'MissingParameter', true],
    ['control', 'InvalidMessageContents', true],
    ['late', 'InvalidParameterValue', true],
  ]);
  const [message] = await receive();
  const receipts = [
    { Id: '1', ReceiptHandle: message!.ReceiptHandle },
    { Id: '2', ReceiptHandle: 'none' },
  ];
  const changed = await client.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: receipts.map((entry) => ({ ...entry, VisibilityTimeout: 60 })),
    }),
  );
  expect([changed.Successful?.length, changed.Failed?.[0]?.Code]).toEqual([1, 'ReceiptHandleIsInvalid']);
  const deleted = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: receipts }));
  expect([deleted.Successful?.length, deleted.Failed?.[0]?.Code]).toEqual([1, 'ReceiptHandleIsInvalid']);
});

describe('what AWS refuses is refused, under the same name', () => {
  const gone = 'http://127.0.0.1/000000000000/gone';
  const entry = (Id: string, MessageBody = 'x') => ({ Id, MessageBody });
  test.each([
    ['QueueDoesNotExist', () => new ReceiveMessageCommand({ QueueUrl: gone })],
    ['QueueDoesNotExist', () => new GetQueueUrlCommand({ QueueName: 'gone' })],
    ['QueueDoesNotExist', () => new ReceiveMessageCommand({ QueueUrl: 'orders' })],
    ['ReceiptHandleIsInvalid', () => new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' })],
    ['EmptyBatchRequest', () => new SendMessageBatchCommand({ QueueUrl, Entries: [] })],
    [
      'TooManyEntriesInBatchRequest',
      () =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: 11 }, (_, n) => entry(`${n}`)),
        }),
    ],
    [
      'BatchEntryIdsNotDistinct',
      () => new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), entry('a')] }),
    ],
    ['InvalidBatchEntryId', () => new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a b')] })],
    [
      'BatchRequestTooLong',
      () =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: [entry('a', 'x'.repeat(600_000)), entry('b', 'x'.repeat(600_000))],
        }),
    ],
    ['InvalidParameterValue', () => new SendMessageCommand({ QueueUrl, MessageBody: 'ä'.repeat(524_289) })],
    ['InvalidMessageContents', () => new SendMessageCommand({ QueueUrl, MessageBody: 'a\ufffe' })],
    ['InvalidParameterValue', () => new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })],
    ['InvalidParameterValue', () => new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 21 })],
    ['MissingParameter', () => new CreateQueueCommand({ QueueName: undefined })],
    ['InvalidParameterValue', () => new CreateQueueCommand({ QueueName: 'a.b' })],
    [
      'InvalidAttributeValue',
      () => new CreateQueueCommand({ QueueName: 'new', Attributes: { VisibilityTimeout: '43201' } }),
    ],
    [
      'InvalidAttributeName',
      () => new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Nothing' as 'All'] }),
    ],
    [
      'QueueNameExists',
      () => new CreateQueueCommand({ QueueName: 'orders', Attributes: { VisibilityTimeout: '31' } }),
    ],
    ['ResourceNotFoundException', () => new StartMessageMoveTaskCommand({ SourceArn: arnOf('gone') })],
  ])('%s', async (name, command) => {
    await expect(client.send(command() as unknown as ReceiveMessageCommand)).rejects.toMatchObject({ name });
  });
});

describe('what the local SQS does not have is refused by name', () => {
  test.each([
    [
      /no FIFO queues/,
      () => new CreateQueueCommand({ QueueName: 'a.fifo', Attributes: { FifoQueue: 'true' } }),
    ],
    [/no operation TagQueue/, () => new TagQueueCommand({ QueueUrl, Tags: { a: 'b' } })],
    [/no parameter tags/, () => new CreateQueueCommand({ QueueName: 'tagged', tags: { a: 'b' } })],
    [
      /no parameter MessageGroupId/,
      () => new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageGroupId: 'g' }),
    ],
    [
      /no attribute KmsMasterKeyId/,
      () => new CreateQueueCommand({ QueueName: 'secret', Attributes: { KmsMasterKeyId: 'alias/aws/sqs' } }),
    ],
  ])('%s', async (message, command) => {
    await expect(client.send(command() as unknown as ReceiveMessageCommand)).rejects.toThrow(message);
  });
});

test('queues are created again with the same attributes, listed page by page, and found by name', async () => {
  const names = ['list-a', 'list-b', 'list-c'];
  const urls: string[] = [];
  for (const name of names) urls.push(await created(name));
  expect(await created('list-a', { VisibilityTimeout: '30' })).toBe(urls[0]);
  const listed: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new ListQueuesCommand({ QueueNamePrefix: 'list-', MaxResults: 2, ...(NextToken && { NextToken }) }),
    );
    listed.push(...page.QueueUrls!);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(listed).toEqual(urls);
  expect((await client.send(new GetQueueUrlCommand({ QueueName: 'list-b' }))).QueueUrl).toBe(urls[1]);
});

test('dead letters are moved back to the queue they came from', async () => {
  const dead = await created('move-dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('move-dead'), maxReceiveCount: 1 });
  const source = await created('move');
  await client.send(new SetQueueAttributesCommand({ QueueUrl: source, Attributes: { RedrivePolicy } }));
  const sources = await client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
  expect(sources.queueUrls).toEqual([source]);
  await client.send(new SendMessageCommand({ QueueUrl: source, MessageBody: 'poison' }));
  expect(await receive({ QueueUrl: source, VisibilityTimeout: 0 })).toHaveLength(1);
  expect(await receive({ QueueUrl: source })).toEqual([]);
  const found = await receive({ QueueUrl: dead, MessageSystemAttributeNames: ['All'], VisibilityTimeout: 0 });
  expect(found[0]!.Attributes!.DeadLetterQueueSourceArn).toBe(arnOf('move'));
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('move-dead') }));
  expect(await receive({ QueueUrl: dead })).toEqual([]);
  const [moved] = await receive({ QueueUrl: source, MessageSystemAttributeNames: ['All'] });
  expect(moved).toMatchObject({ Body: 'poison', Attributes: { ApproximateReceiveCount: '1' } });
});

test('a request that is unsigned, or comes from a web page that has another name, is refused', async () => {
  const headers = { 'x-amz-target': 'AmazonSQS.ListQueues' };
  const unsigned = await fetch(server.endpoint, { method: 'POST', headers, body: '{}' });
  expect([unsigned.status, unsigned.headers.get('x-amzn-query-error')]).toEqual([
    403,
    'MissingAuthenticationToken;Sender',
  ]);
  const form = await fetch(`${server.endpoint}/_control/notifications/bucket`, { method: 'PUT', body: '{}' });
  expect(form.status).toBe(415);
  const asked = request(server.endpoint, { headers: { host: 'attacker.example:80' } }).end();
  const [refused] = (await once(asked, 'response')) as [IncomingMessage];
  refused.resume();
  expect(refused.statusCode).toBe(403);
});
