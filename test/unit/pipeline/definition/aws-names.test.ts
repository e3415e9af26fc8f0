import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import {
  BucketName,
  ClusterIdentifier,
  CopyRole,
  KeyPrefix,
  RegionName,
  SecretArn,
  TableName,
  WorkgroupName,
} from '../../../../src/pipeline/definition/aws-names.ts';

describe("COPY's role", () => {
  test.each([
    'default',
    'arn:aws:iam::123456789012:role/tributary-copy',
    'arn:aws-cn:iam::123456789012:role/copy',
    'arn:aws-us-gov:iam::123456789012:role/service-role/data/Copy_1+=.@x',
    'arn:aws:iam::123456789012:role/first,arn:aws:iam::210987654321:role/path/second',
    'arn:aws:iam::123456789012:role/with,comma',
  ])('may be %s', (role) => {
    expect(CopyRole.safeParse(role).success).toBe(true);
  });

  test.each([
    'notanarn',
    '',
    'Default',
    'arn:aws:iam::12345678901:role/copy',
    'arn:aws:iam::123456789012:user/copy',
    'arn:aws:iam:eu-central-1:123456789012:role/copy',
    'arn:aws:iam::123456789012:role/',
    'arn:aws:iam::123456789012:role/copy ',
    'arn:aws:iam::123456789012:role/first, arn:aws:iam::210987654321:role/second',
    'arn:aws:iam::123456789012:role/first,arn:aws:s3:::bucket',
    'default,arn:aws:iam::123456789012:role/copy',
    `arn:aws:iam::123456789012:role/${'x'.repeat(65)}`,
    "arn:aws:iam::123456789012:role/copy' ACL",
  ])('may not be "%s"', (role) => {
    expect(CopyRole.safeParse(role).success).toBe(false);
  });
});

describe('a bucket', () => {
  test.each([
    'abc',
    'tributary-runs',
    'my.company.runs',
    '1-2',
    'x'.repeat(63),
    'point-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias',
  ])('may be called %s', (name) => {
    expect(BucketName.safeParse(name).success).toBe(true);
  });

  test.each([
    'ab',
    '',
    'x'.repeat(64),
    'My-Bucket',
    'my_bucket',
    's3://bucket',
    'bucket/prefix',
    'arn:aws:s3:::bucket',
    '-bucket',
    'bucket-',
    'bucket.',
    'my..bucket',
    '192.168.5.4',
    'xn--bucket',
  ])('may not be called "%s"', (name) => {
    expect(BucketName.safeParse(name).success).toBe(false);
  });
});

/** Names that are taken, and names that are not. */
const CASES: [string, z.ZodType, string[], string[]][] = [
  [
    'a DynamoDB table',
    TableName,
    [
      'abc',
      'Prod_Orders.v2-eu',
      'x'.repeat(255),
      'arn:aws:dynamodb:eu-central-1:123456789012:table/orders',
      'arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/orders',
    ],
    [
      '',
      'ab',
      'x'.repeat(256),
      'my table',
      'orders/2024',
      'bestellungen-für-alle',
      'arn:aws:dynamodb:eu-central-1:123456789012:table/orders/index/by-day',
      'arn:aws:dynamodb:eu-central-1:1234:table/orders',
      'arn:aws:s3:::orders',
    ],
  ],
  [
    'a workgroup',
    WorkgroupName,
    ['analytics', 'a-1', 'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/0a1b-2c'],
    ['', 'ab', 'Analytics', 'my_group', 'x'.repeat(65), 'arn:aws:redshift:eu-west-1:123456789012:cluster:c'],
  ],
  [
    'a cluster',
    ClusterIdentifier,
    ['c', 'analytics-1', 'x'.repeat(63)],
    ['', '1st', 'my_cluster', 'Cluster', 'two--hyphens', 'ends-', 'x'.repeat(64)],
  ],
  [
    'a secret',
    SecretArn,
    [
      'arn:aws:secretsmanager:eu-central-1:123456789012:secret:redshift-AbCdEf',
      'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:redshift!group/admin-AbCdEf',
    ],
    ['', 'redshift-secret', 'arn:aws:iam::123456789012:role/copy', 'arn:aws:secretsmanager:eu:1:secret:x'],
  ],
  [
    'a region',
    RegionName,
    ['eu-central-1', 'us-gov-east-1', 'cn-north-1', 'us-isob-east-1', 'ap-southeast-7', 'mx-central-1'],
    ['', 'Frankfurt', 'eu-central', 'EU-CENTRAL-1', 'eu-central-1a', 'eu_central_1', 'local'],
  ],
  [
    'a prefix',
    KeyPrefix,
    ['tributary', 'a', 'runs/prod', 'team=data/runs.v2', 'A_b-c/.hidden', 'x'.repeat(300)],
    [
      '',
      '/runs',
      'runs/',
      'a//b',
      '../up',
      'a/./b',
      '..',
      'my runs',
      "o'clock",
      'x".y',
      'q?',
      'a%20b',
      'süd',
    ],
  ],
];

describe.each(CASES)('%s', (_what, schema, taken, refused) => {
  test.each(taken)('may be called %s', (name) => {
    expect(schema.safeParse(name).success).toBe(true);
  });

  test.each(refused)('may not be called "%s"', (name) => {
    expect(schema.safeParse(name).success).toBe(false);
  });
});
