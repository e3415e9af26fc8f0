import { describe, expect, test } from '@jest/globals';
import { readMessage } from '../../../../src/pipeline/loader/s3-event.ts';

/** A record as S3 sends it. @param key percent-encoded as in a form */
const record = (key: string, object: object = {}, eventName = 'ObjectCreated:Put') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-west-1',
  eventTime: '2026-11-01T10:00:00.000Z',
  eventName,
  userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
  requestParameters: { sourceIPAddress: '192.0.2.1' },
  responseElements: {
    'x-amz-request-id': 'C3D13FE58DE4C810',
    'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG',
  },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'tributary',
    bucket: {
      name: 'landing',
      ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
      arn: 'arn:aws:s3:::landing',
    },
    object: {
      key,
      size: 1024,
      eTag: 'd41d8cd98f00b204e9800998ecf8427e',
      sequencer: '0055AED6DCD90281E5',
      ...object,
    },
  },
});
const notification = (...records: object[]) => JSON.stringify({ Records: records });
const sns = (message: string) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'dc1e94d9-56c5-5e96-808d-cc7f68faa162',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:landing',
    Subject: 'Amazon S3 Notification',
    Message: message,
    Timestamp: '2026-11-01T10:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'EXAMPLE',
  });
const busEvent = (key: string, detailType = 'Object Created') =>
  JSON.stringify({
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': detailType,
    source: 'aws.s3',
    account: '123456789012',
    time: '2026-11-01T10:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:aws:s3:::landing'],
    detail: {
      version: '0',
      bucket: { name: 'landing' },
      object: { key, size: 5, etag: 'b1946ac92492d2347c6235b4d2611184', sequencer: '617f08299329d189' },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '123456789012',
      reason: 'PutObject',
    },
  });
const file = (key: string) => ({
  bucket: 'landing',
  key,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  bytes: 1024,
});

const keys = (body: string) => {
  const read = readMessage(body);
  return 'files' in read ? read.files.map(({ key }) => key) : read.poison;
};

describe('a file is the same, however its event comes', () => {
  test('from S3', () => {
    expect(readMessage(notification(record('quakes/a.csv')))).toEqual({ files: [file('quakes/a.csv')] });
  });

  test('through SNS, and through SNS with raw delivery', () => {
    const body = notification(record('quakes/a.csv'));
    expect(readMessage(sns(body))).toEqual(readMessage(body));
  });

  test('through EventBridge, and through EventBridge and SNS', () => {
    const expected = {
      files: [{ bucket: 'landing', key: 'quakes/a.csv', etag: 'b1946ac92492d2347c6235b4d2611184', bytes: 5 }],
    };
    expect(readMessage(busEvent('quakes/a.csv'))).toEqual(expected);
    expect(readMessage(sns(busEvent('quakes/a.csv')))).toEqual(expected);
  });

  test('from servers that write ETags in quotes and names with s3:', () => {
    const body = notification(
      record('quakes/a.csv', { eTag: '"d41d8cd98f00b204e9800998ecf8427e"' }, 's3:ObjectCreated:Put'),
    );
    expect(readMessage(body)).toEqual({ files: [file('quakes/a.csv')] });
  });
});

describe('keys are what S3 has', () => {
  test.each([
    ['red+flower.csv', 'red flower.csv'],
    ['a%2Bb.csv', 'a+b.csv'],
    ['day%3D2026-11-01/a.csv', 'day=2026-11-01/a.csv'],
    ['100%25.csv', '100%.csv'],
    ['%C3%BCber/gr%C3%BC%C3%9Fe.csv', 'über/grüße.csv'],
    ['%F0%9F%8C%8B.csv', '🌋.csv'],
    ['a%252Bb.csv', 'a%2Bb.csv'],
  ])('%s is %s', (encoded, key) => {
    expect(keys(notification(record(encoded)))).toEqual([key]);
  });

  test('EventBridge does not encode them', () => {
    expect(keys(busEvent('a+b 100%25 🌋.csv'))).toEqual(['a+b 100%25 🌋.csv']);
  });

  test('an escape that is not UTF-8 cannot be a key', () => {
    expect(keys(notification(record('a%FF.csv')))).toMatch(/not UTF-8/);
    expect(keys(notification(record('a%zz.csv')))).toMatch(/not UTF-8/);
  });
});

test('every record of a message counts', () => {
  const body = notification(
    record('a.csv'),
    record('b.csv', {}, 'ObjectRemoved:Delete'),
    record('c.csv', {}, 'ObjectCreated:CompleteMultipartUpload'),
    record('d.csv', {}, 'ObjectCreated:Copy'),
  );
  expect(keys(body)).toEqual(['a.csv', 'c.csv', 'd.csv']);
});

test('a size or an ETag may be missing', () => {
  const body = notification(record('a.csv', { size: undefined, eTag: undefined }));
  expect(readMessage(body)).toEqual({
    files: [{ bucket: 'landing', key: 'a.csv', etag: undefined, bytes: undefined }],
  });
});

describe('a message that announces no file is done', () => {
  test.each([
    [
      'the test event',
      '{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-01T10:00:00.000Z","Bucket":"landing","RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE"}',
    ],
    ['the test event through SNS', sns('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"landing"}')],
    ['a removal', notification(record('a.csv', {}, 'ObjectRemoved:DeleteMarkerCreated'))],
    ['a removal through EventBridge', busEvent('a.csv', 'Object Deleted')],
    ['a restored object', notification(record('a.csv', {}, 'ObjectRestore:Completed'))],
    ['a folder', notification(record('quakes/', { size: 0 }))],
  ])('%s', (_what, body) => {
    expect(readMessage(body)).toEqual({ files: [] });
  });
});

describe('anything else is poison', () => {
  test.each([
    ['text', 'hello', /not JSON/],
    ['JSON', '{"hello":"world"}', /not a notification/],
    ['a list', '[]', /not a notification/],
    ['null', 'null', /not a notification/],
    [
      'an event of another service',
      JSON.stringify({ source: 'aws.ec2', 'detail-type': 'Object Created' }),
      /not a/,
    ],
    [
      'an event without a key',
      JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created', detail: {} }),
      /without a bucket or a key/,
    ],
    ['a record without a bucket', notification(record('a.csv'), { eventName: 'ObjectCreated:Put' }), /not a/],
    ['SNS with other contents', sns('hello'), /not JSON/],
    [
      'SNS that asks for a confirmation',
      JSON.stringify({ Type: 'SubscriptionConfirmation', Token: 'x' }),
      /SubscribeURL/,
    ],
    ['SNS without end', sns(sns(sns(sns(notification(record('a.csv')))))), /not a/],
  ])('%s', (_what, body, why) => {
    const read = readMessage(body);
    expect('poison' in read ? read.poison : read).toMatch(why);
  });
});
