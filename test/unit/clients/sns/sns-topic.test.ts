import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createSnsTopic } from '../../../../src/clients/sns/sns-topic.ts';

/** The HTTP side of SNS's Publish: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
let server: Server;
let endpoint: string;
const published: URLSearchParams[] = [];
let failure: string | undefined;

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      published.push(new URLSearchParams(body));
      response.writeHead(failure === undefined ? 200 : 404, { 'content-type': 'text/xml' });
      response.end(
        failure === undefined
          ? '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>'
          : `<ErrorResponse><Error><Type>Sender</Type><Code>${failure}</Code><Message>Topic does not exist</Message></Error></ErrorResponse>`,
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  published.length = 0;
  failure = undefined;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const arn = 'arn:aws:sns:eu-central-1:123456789012:alerts.fifo';
const notification = {
  subject: 'orders failed',
  message: 'It failed.',
  attributes: { id: '0c5f' },
  fifo: { group: 'orders', deduplicationId: '0c5f' },
};

test('publishes to the topic with the id as attribute and deduplication id', async () => {
  await createSnsTopic(arn, { endpoint }).publish(notification);
  expect(Object.fromEntries(published[0] ?? [])).toMatchObject({
    Action: 'Publish',
    TopicArn: arn,
    Subject: 'orders failed',
    Message: 'It failed.',
    'MessageAttributes.entry.1.Name': 'id',
    'MessageAttributes.entry.1.Value.StringValue': '0c5f',
    MessageGroupId: 'orders',
    MessageDeduplicationId: '0c5f',
  });
});

test('a topic that does not exist is named, with what to do', async () => {
  failure = 'NotFound';
  await expect(createSnsTopic(arn, { endpoint }).publish(notification)).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Cannot publish to the topic arn:aws:sns:.*Check topicArn in the block alerts/,
    ),
  });
});
