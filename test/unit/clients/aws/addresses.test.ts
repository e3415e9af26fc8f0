import { describe, expect, test } from '@jest/globals';
import { addressesFromEnvironment } from '../../../../src/clients/aws/addresses.ts';

test('for AWS itself, there are no endpoints, and the region may come from the profile', () => {
  const none = { endpoint: undefined, region: undefined };
  expect(addressesFromEnvironment({})).toEqual({
    dynamodb: none,
    dynamodbStreams: none,
    s3: none,
    redshiftData: none,
    sns: none,
    sqs: none,
    glue: none,
  });
});

test('each service has its own endpoint, all share the region', () => {
  const env = {
    TRIBUTARY_DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
    TRIBUTARY_S3_ENDPOINT: 'https://s3.example.com',
    TRIBUTARY_REDSHIFT_DATA_ENDPOINT: '',
    TRIBUTARY_SQS_ENDPOINT: 'http://127.0.0.1:9324',
    TRIBUTARY_GLUE_ENDPOINT: 'http://127.0.0.1:9325',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    HOME: '/home/user',
  };
  expect(addressesFromEnvironment(env)).toEqual({
    dynamodb: { endpoint: 'http://127.0.0.1:8000', region: 'eu-west-1' },
    dynamodbStreams: { endpoint: 'http://127.0.0.1:8000', region: 'eu-west-1' },
    s3: { endpoint: 'https://s3.example.com', region: 'eu-west-1' },
    redshiftData: { endpoint: undefined, region: 'eu-west-1' },
    sns: { endpoint: undefined, region: 'eu-west-1' },
    sqs: { endpoint: 'http://127.0.0.1:9324', region: 'eu-west-1' },
    glue: { endpoint: 'http://127.0.0.1:9325', region: 'eu-west-1' },
  });
});

test('DynamoDB Streams may have an endpoint of its own', () => {
  const env = {
    TRIBUTARY_DYNAMODB_ENDPOINT: 'https://a.example.com',
    TRIBUTARY_DYNAMODB_STREAMS_ENDPOINT: 'https://b.example.com',
  };
  const { dynamodb, dynamodbStreams } = addressesFromEnvironment(env);
  expect([dynamodb.endpoint, dynamodbStreams.endpoint]).toEqual([
    'https://a.example.com',
    'https://b.example.com',
  ]);
});

test('AWS_DEFAULT_REGION is used if AWS_REGION is not set', () => {
  expect(addressesFromEnvironment({ AWS_DEFAULT_REGION: 'us-east-1' }).s3.region).toBe('us-east-1');
});

describe('an invalid variable is named, with what was expected, but its value is not shown', () => {
  test.each([
    ['TRIBUTARY_S3_ENDPOINT', { TRIBUTARY_S3_ENDPOINT: 'localhost:7070' }],
    ['TRIBUTARY_S3_ENDPOINT', { TRIBUTARY_S3_ENDPOINT: 'ftp://localhost' }],
    ['TRIBUTARY_DYNAMODB_ENDPOINT', { TRIBUTARY_DYNAMODB_ENDPOINT: 'http://me:hunter2@localhost:8000' }],
    ['AWS_REGION', { AWS_REGION: 'Ireland!' }],
    ['AWS_ACCESS_KEY_ID', { AWS_ACCESS_KEY_ID: 'hunter2' }],
  ])('%s', (name, env) => {
    expect(() => addressesFromEnvironment(env)).toThrow(
      expect.objectContaining({
        code: 'BadEnvironment',
        message: expect.stringMatching(new RegExp(`${name}: expected (?!.*hunter2)`)),
      }),
    );
  });

  test('all of them at once', () => {
    const env = { TRIBUTARY_S3_ENDPOINT: 'x', TRIBUTARY_REDSHIFT_DATA_ENDPOINT: 'y' };
    expect(() => addressesFromEnvironment(env)).toThrow(/S3_ENDPOINT.*; TRIBUTARY_REDSHIFT_DATA_ENDPOINT/);
  });
});
