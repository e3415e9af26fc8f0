import { beforeEach, describe, expect, test } from '@jest/globals';
import type { QueueConfiguration } from '../../../../local/sqs/s3-events/notification-configuration.ts';
import { Notifications } from '../../../../local/sqs/s3-events/notifications.ts';
import type { PostedRecord } from '../../../../local/sqs/s3-events/s3-record.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:orders';
const sent: { arn: string; body: unknown }[] = [];
let notifications: Notifications;
beforeEach(() => {
  sent.length = 0;
  notifications = new Notifications((arn, body) => {
    if (arn.endsWith(':gone')) return false;
    sent.push({ arn, body: JSON.parse(body) as unknown });
    return true;
  });
});

/** As versitygw 1.8.0 posts it. */
const posted = (key: string, more: Partial<PostedRecord> = {}, size = 5): PostedRecord => ({
  awsRegion: 'us-east-1',
  eventTime: '2026-11-30T04:23:24Z',
  eventName: 's3:ObjectCreated:Put',
  requestParameters: { sourceIPAddress: '127.0.0.1' },
  userIdentity: { PrincipalId: 'tributary' },
  s3: {
    bucket: { name: 'data', ownerIdentity: { PrincipalId: 'tributary' } },
    object: { key, size, eTag: '"5d41402abc4b2a76b9719d911017c592"', versionId: null },
  },
  ...more,
});
const configured = (
  prefix: string,
  more: Partial<QueueConfiguration> = {},
  suffix = '',
): QueueConfiguration => ({
  QueueArn: ARN,
  Events: ['s3:ObjectCreated:*'],
  Filter: {
    Key: {
      FilterRules: [
        { Name: 'prefix', Value: prefix },
        { Name: 'suffix', Value: suffix },
      ],
    },
  },
  ...more,
});
const known = async () => 12;

test('an event is announced as AWS writes it', async () => {
  notifications.put('data', 'orders', configured('landing/'));
  expect(sent.splice(0)).toMatchObject([
    { arn: ARN, body: { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'data' } },
  ]);
  await notifications.announce(posted('landing/a b+c/é%.csv'), known);
  expect(sent).toEqual([
    {
      arn: ARN,
      body: {
        Records: [
          {
            eventVersion: '2.1',
            eventSource: 'aws:s3',
            awsRegion: 'us-east-1',
            eventTime: '2026-11-30T04:23:24.000Z',
            eventName: 'ObjectCreated:Put',
            userIdentity: { principalId: 'tributary' },
            requestParameters: { sourceIPAddress: '127.0.0.1' },
            responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
            s3: {
              s3SchemaVersion: '1.0',
              configurationId: 'orders',
              bucket: {
                name: 'data',
                ownerIdentity: { principalId: 'tributary' },
                arn: 'arn:aws:s3:::data',
              },
              object: {
                key: 'landing/a+b%2Bc/%C3%A9%25.csv',
                size: 5,
                eTag: '5d41402abc4b2a76b9719d911017c592',
                sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
              },
            },
          },
        ],
      },
    },
  ]);
});

test('only the events and keys that a configuration names are announced, and only of its bucket', async () => {
  const puts = configured('landing/', { Events: ['s3:ObjectCreated:Put'] }, '.csv');
  notifications.put('data', 'orders', puts);
  notifications.put('other', 'orders', configured(''));
  sent.length = 0;
  await notifications.announce(posted('landing/a.csv.gz'), known);
  await notifications.announce(posted('elsewhere/a.csv'), known);
  await notifications.announce(posted('landing/a.csv', { eventName: 's3:ObjectCreated:Copy' }), known);
  await notifications.announce(posted('landing/a.csv', { eventName: 's3:ObjectRemoved:Delete' }), known);
  expect(sent).toEqual([]);
  await notifications.announce(posted('landing/a.csv'), known);
  expect(sent).toHaveLength(1);
});

test('a size of 0 is looked up; an object that is gone has 0', async () => {
  notifications.put('data', 'orders', configured(''));
  sent.length = 0;
  await notifications.announce(posted('copy', {}, 0), known);
  await notifications.announce(posted('gone', {}, 0), async () => undefined);
  expect(sent).toMatchObject([12, 0].map((size) => ({ body: { Records: [{ s3: { object: { size } } }] } })));
});

describe('two configurations of a bucket', () => {
  const putBoth = (one: QueueConfiguration, other: QueueConfiguration) => {
    notifications.put('data', 'one', one);
    return notifications.put('data', 'other', other);
  };

  test.each<[string, QueueConfiguration, QueueConfiguration]>([
    ['prefixes, one within the other', configured('a/'), configured('a/b/')],
    ['the same prefix', configured('a/'), configured('a/')],
    ['no prefix and one', configured(''), configured('a/')],
    ['suffixes, one within the other', configured('a/', {}, '.gz'), configured('a/', {}, '.csv.gz')],
  ])('must not match the same object: %s', (_what, one, other) => {
    expect(() => putBoth(one, other)).toThrow(/^Configurations overlap.*one, other/);
    notifications.remove('data', 'one');
    expect(notifications.put('data', 'other', other).QueueConfigurations).toEqual([
      { ...other, Id: 'other' },
    ]);
  });

  test.each<[string, QueueConfiguration, QueueConfiguration]>([
    ['prefixes', configured('a/'), configured('b/')],
    ['suffixes', configured('a/', {}, '.csv'), configured('a/', {}, '.json')],
    [
      'events',
      configured('a/', { Events: ['s3:ObjectCreated:Put'] }),
      configured('a/', { Events: ['s3:ObjectCreated:Copy'] }),
    ],
  ])('may have different %s', (_what, one, other) => {
    expect(putBoth(one, other).QueueConfigurations).toHaveLength(2);
  });

  test('a queue must exist', () => {
    expect(() =>
      notifications.put('data', 'x', configured('', { QueueArn: 'arn:aws:sqs:r:0:gone' })),
    ).toThrow(/^Unable to validate the following destination configurations/);
    expect(notifications.of('data')).toEqual({ QueueConfigurations: [] });
  });
});
