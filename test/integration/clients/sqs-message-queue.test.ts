import {
  CreateQueueCommand,
  DeleteQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { accessDenied, serverError, throttled } from '../../../local/fault-proxy/services.ts';
import { clientSettings } from '../../../src/clients/aws/aws-client.ts';
import { createSqsMessageQueue, sqsClient } from '../../../src/clients/sqs/sqs-message-queue.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

useStackCredentials();
const { sqs } = testStack();
const client = sqsClient(sqs.endpoint, sqs);
const created: string[] = [];

async function createQueue(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const QueueName = `client-${process.pid}-${name}`;
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
  created.push(QueueUrl!);
  return QueueUrl!;
}
const arnOf = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`;

afterAll(async () => {
  for (const QueueUrl of created) await client.send(new DeleteQueueCommand({ QueueUrl }));
  client.destroy();
});

describe('a queue', () => {
  let url: string;
  let dead: string;
  beforeAll(async () => {
    dead = await createQueue('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: '2' });
    url = await createQueue('orders', { RedrivePolicy });
  });
  const queue = () => createSqsMessageQueue({ client, url });
  const receive = async (options: object = {}) =>
    await queue().receive({ max: 10, waitSeconds: 20, visibilitySeconds: 60, ...options });

  test('a message is received with its id, body, time and count, and deleted by its receipt', async () => {
    const sentFromMs = Date.now() - 1000;
    const { MessageId } = await client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: '{"key": "ä+b 😀"}' }),
    );
    const [message, ...others] = await receive();
    expect(others).toEqual([]);
    expect(message).toMatchObject({ id: MessageId, body: '{"key": "ä+b 😀"}', receiveCount: 1 });
    expect(message!.sentAtMs).toBeGreaterThan(sentFromMs);
    expect(await queue().counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    expect(await queue().delete([message!.receipt])).toEqual([]);
    expect(await queue().counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await queue().delete([message!.receipt])).toEqual([]);
  });

  test('any number of messages is deleted, and those that SQS refused are reported', async () => {
    for (let sent = 0; sent < 30; sent += 10) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({
        Id: `${index}`,
        MessageBody: `${sent + index}`,
      }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    }
    const receipts: string[] = [];
    while (receipts.length < 30) receipts.push(...(await receive()).map(({ receipt }) => receipt));
    const failed = await queue().delete([...receipts.slice(0, 12), 'not a receipt', ...receipts.slice(12)]);
    expect(failed).toEqual([
      {
        receipt: 'not a receipt',
        code: 'ReceiptHandleIsInvalid',
        message: expect.any(String),
        retryable: false,
      },
    ]);
    expect(await queue().counts()).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test('a message is hidden for longer, or shown at once; what is no longer in flight is reported', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'held' }));
    const [message] = await receive();
    expect(await queue().extend([message!.receipt], 600)).toEqual([]);
    expect(await queue().extend([message!.receipt], 0)).toEqual([]);
    expect(await queue().extend([message!.receipt], 600)).toMatchObject([
      { receipt: message!.receipt, retryable: false },
    ]);
    const [again] = await receive();
    expect(again).toMatchObject({ id: message!.id, receiveCount: 2 });
    await queue().delete([again!.receipt]);
  });

  test('a message that is received too often is in the dead-letter queue', async () => {
    expect(await queue().redrive()).toEqual({ deadLetterQueueArn: arnOf(dead), maxReceiveCount: 2 });
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'poison' }));
    for (let times = 1; times <= 2; times++) {
      const [message] = await receive();
      await queue().extend([message!.receipt], 0);
    }
    expect(await receive({ waitSeconds: 0 })).toEqual([]);
    const deadLetters = createSqsMessageQueue({ client, url: dead });
    const [message] = await deadLetters.receive({ max: 1, waitSeconds: 20, visibilitySeconds: 60 });
    expect(message?.body).toBe('poison');
    expect(await deadLetters.redrive()).toBeUndefined();
  });

  test('a long poll returns as soon as a message arrives, and ends when it is aborted', async () => {
    const polling = receive();
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'soon' }));
    const [message] = await polling;
    expect(message?.body).toBe('soon');
    await queue().delete([message!.receipt]);

    const stop = new AbortController();
    const stopped = receive({ signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('a queue that does not exist is named, with what to do', async () => {
  const url = `${sqs.endpoint}/000000000000/no-such-queue`;
  const queue = createSqsMessageQueue({ client, url });
  const missing = {
    name: 'Terminal',
    code: 'QueueNotFound',
    message: expect.stringMatching(/no-such-queue.*Create it, or correct/),
  };
  await expect(queue.receive({ max: 1, waitSeconds: 0, visibilitySeconds: 1 })).rejects.toMatchObject(
    missing,
  );
  await expect(queue.delete(['x'])).rejects.toMatchObject(missing);
  await expect(queue.extend(['x'], 1)).rejects.toMatchObject(missing);
  await expect(queue.counts()).rejects.toMatchObject(missing);
  await expect(queue.redrive()).rejects.toMatchObject(missing);
});

describe('faults of SQS', () => {
  let proxy: ScriptedProxy;
  let url: string;
  beforeAll(async () => {
    proxy = await startScriptedProxy(sqs.endpoint);
    url = await createQueue('faults');
  });
  afterAll(async () => {
    await proxy.close();
  });
  const patient = () => createSqsMessageQueue({ client: sqsClient(url, { endpoint: proxy.endpoint }), url });
  /** A queue whose client does not retry, to see the final error. */
  const impatient = () => {
    const settings = { ...clientSettings({ endpoint: proxy.endpoint }), maxAttempts: 1 };
    return createSqsMessageQueue({ client: new SQSClient(settings), url });
  };
  const refused = (refusal: ReturnType<typeof throttled>): Fault => ({ kind: 'refused', refusal });
  const poll = { max: 10, waitSeconds: 0, visibilitySeconds: 0 };

  test('a reset connection, a throttle and an internal error are retried', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'a' }));
    proxy.next([{ kind: 'reset' }, refused(throttled('sqs', 'ReceiveMessage')), refused(serverError('sqs'))]);
    expect(await patient().receive(poll)).toMatchObject([{ body: 'a' }]);
    expect(proxy.calls).toHaveLength(4);
  });

  test.each([
    ['Throttled', 'Transient', throttled('sqs', 'ReceiveMessage')],
    ['ServiceFailed', 'Transient', serverError('sqs')],
    ['AccessDenied', 'Terminal', accessDenied('sqs')],
  ])('%s is reported with the queue’s URL', async (code, name, refusal) => {
    proxy.next([], refused(refusal));
    await expect(impatient().receive(poll)).rejects.toMatchObject({
      name,
      code,
      message: expect.stringContaining(url),
    });
  });

  test('a message that changed in transit is not accepted', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'intact' }));
    const damage = (body: Buffer) => Buffer.from(body.toString().replaceAll('intact', 'broken'));
    proxy.next([], { kind: 'damaged', damage });
    await expect(impatient().receive(poll)).rejects.toMatchObject({
      name: 'Transient',
      code: 'DamagedAnswer',
      message: expect.stringContaining('changed in transit'),
    });
  });
});
