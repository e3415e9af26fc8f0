import { describe, expect, test } from '@jest/globals';
import { BucketName, CopyRole } from '../../../src/pipeline/aws-names.ts';

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
