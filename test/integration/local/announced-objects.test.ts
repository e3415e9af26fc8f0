import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { untilAnnounced } from '../setup/announced-objects.ts';
import { testStack } from '../setup/stack.ts';

useStackCredentials();
const { s3, dynamodb, sqs } = testStack();
const { bucket: Bucket } = s3;
const prefix = `announced-${process.pid}/`;
const client = new S3Client({ endpoint: s3.endpoint, region: dynamodb.region, forcePathStyle: true });

let queue: Awaited<ReturnType<typeof createAnnouncedQueue>>;
beforeAll(async () => {
  queue = await createAnnouncedQueue(testStack(), { name: `announced-${process.pid}`, prefix });
});
afterAll(async () => {
  await queue.remove();
  client.destroy();
});

const put = async (Key: string, Body = 'five!') =>
  await client.send(new PutObjectCommand({ Bucket, Key, Body }));
const control = async (path: string, request?: RequestInit) =>
  await fetch(`${sqs.endpoint}/_control/${path}`, {
    headers: { 'content-type': 'application/json' },
    ...request,
  });

test('an object is announced under its key, whatever characters that has', async () => {
  const keys = [
    'plain.csv',
    'day=2026-11-01/a b+c.csv',
    '100%.csv',
    'a%2Bb%20c',
    'ärger/日本語/😀.csv',
    "it's (a) *key*!~_-.@:&?=#;,$",
  ].map((key) => prefix + key);
  for (const key of keys) await put(key);
  const announced = await untilAnnounced(queue.url, keys);
  expect(announced.map(({ key }) => key).sort()).toEqual(keys.sort());
  for (const object of announced) {
    expect(object).toMatchObject({
      eventName: 'ObjectCreated:Put',
      size: 5,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  }
});

test('objects outside the prefix are not announced', async () => {
  await put(`not-${prefix}x`);
  await put(`${prefix}last`);
  const announced = await untilAnnounced(queue.url, [`${prefix}last`]);
  expect(announced.map(({ key }) => key)).toEqual([`${prefix}last`]);
});

test('copies and multipart uploads are announced with their size', async () => {
  await put(`${prefix}original`, 'some text');
  const copied = { Bucket, Key: `${prefix}copy`, CopySource: `${Bucket}/${prefix}original` };
  await client.send(new CopyObjectCommand(copied));
  const parts = { Bucket, Key: `${prefix}in-parts` };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(parts));
  const upload = { ...parts, UploadId, PartNumber: 1 };
  const { ETag } = await client.send(new UploadPartCommand({ ...upload, Body: 'one part' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ ...parts, UploadId, MultipartUpload }));

  const keys = ['original', 'copy', 'in-parts'].map((name) => prefix + name);
  const announced = new Map(
    (await untilAnnounced(queue.url, keys)).map(({ key, eventName, size }) => [key, { eventName, size }]),
  );
  expect(announced.get(`${prefix}copy`)).toEqual({ eventName: 'ObjectCreated:Copy', size: 9 });
  expect(announced.get(`${prefix}in-parts`)).toEqual({
    eventName: 'ObjectCreated:CompleteMultipartUpload',
    size: 8,
  });
});

test('of two writes of one key, the later has the greater sequencer and another ETag', async () => {
  const key = `${prefix}twice`;
  await put(key, '1');
  const [first] = await untilAnnounced(queue.url, [key]);
  await put(key, '2');
  const [second] = await untilAnnounced(queue.url, [key]);
  expect(second!.sequencer > first!.sequencer).toBe(true);
  expect(second!.etag).not.toBe(first!.etag);
});

test('a notification that S3 would refuse is refused', async () => {
  const path = `notifications/${Bucket}/other-${process.pid}`;
  const { QueueConfigurations } = (await (await control(`notifications/${Bucket}`)).json()) as {
    QueueConfigurations: { Id: string; QueueArn: string }[];
  };
  const { QueueArn } = QueueConfigurations.find(({ Id }) => Id === `announced-${process.pid}`)!;
  const refused = async (configuration: object) => {
    const response = await control(path, { method: 'PUT', body: JSON.stringify(configuration) });
    return `${response.status} ${((await response.json()) as { error: string }).error}`;
  };
  const wanted = { QueueArn, Events: ['s3:ObjectCreated:*'] };
  const below = (Value: string) => ({ Filter: { Key: { FilterRules: [{ Name: 'prefix', Value }] } } });
  expect(await refused({ ...wanted, ...below(`${prefix}below/`) })).toMatch(/^400 Configurations overlap/);
  expect(await refused({ ...wanted, ...below('elsewhere/'), QueueArn: `${QueueArn}-gone` })).toMatch(
    /^400 Unable to validate the following destination configurations/,
  );
  expect(await refused({ ...wanted, Events: ['s3:ObjectRemoved:*'] })).toMatch(/^400 .*Events/s);
});
