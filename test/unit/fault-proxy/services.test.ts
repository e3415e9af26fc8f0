import { expect, test } from '@jest/globals';
import { operationOf, throttled } from '../../../local/fault-proxy/services.ts';

test.each([
  ['POST', '/', 'DynamoDB_20120810.Scan', 'Scan'],
  ['POST', '/', 'RedshiftData.BatchExecuteStatement', 'BatchExecuteStatement'],
  ['GET', '/bucket/a/key?x-id=GetObject', undefined, 'GetObject'],
  ['GET', '/bucket?list-type=2&prefix=a', undefined, 'ListObjectsV2'],
  ['PUT', '/bucket/a/key?x-id=PutObject', undefined, 'PutObject'],
  ['POST', '/bucket?delete=', undefined, 'DeleteObjects'],
  ['HEAD', '/bucket', undefined, 'HeadBucket'],
])('%s %s %s is %s', (method, url, target, operation) => {
  expect(operationOf(method, url, target === undefined ? {} : { 'x-amz-target': target })).toBe(operation);
});

test('each service asks for a slower pace in its own way', () => {
  expect(throttled('dynamodb', 'Scan')).toMatchObject({
    status: 400,
    body: expect.stringContaining('#ProvisionedThroughputExceededException"'),
  });
  expect(throttled('dynamodb', 'DescribeTable').body).toContain('#ThrottlingException"');
  expect(throttled('s3', 'PutObject')).toMatchObject({
    status: 503,
    body: expect.stringContaining('<Code>SlowDown</Code>'),
  });
  expect(throttled('redshift-data', 'ExecuteStatement')).toMatchObject({
    status: 400,
    body: expect.stringContaining('"ThrottlingException"'),
  });
});
