import { expect, test } from '@jest/globals';
import { clientSettings } from '../../../../src/clients/aws/aws-client.ts';
import { dynamodbClient } from '../../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { redshiftDataClient } from '../../../../src/clients/redshift/redshift-data-warehouse.ts';
import { s3Client } from '../../../../src/clients/s3/s3-object-store.ts';

test('the logger has no info(), because the SDK would clone every response for it', () => {
  expect('info' in dynamodbClient({ region: 'eu-west-1' }).config.logger).toBe(false);
});

test('for AWS itself, the SDK finds the region and the endpoint', () => {
  expect(clientSettings({})).not.toHaveProperty('region');
  expect(clientSettings({})).not.toHaveProperty('endpoint');
});

test('a custom endpoint needs no region', () => {
  expect(clientSettings({ endpoint: 'http://127.0.0.1:8000' })).toHaveProperty('region', 'us-east-1');
});

test('a silent connection is given up only after the Data API’s longest wait', () => {
  expect(clientSettings({}).requestHandler.socketTimeout).toBeGreaterThan(30_000 + 5_000);
});

test('buckets are in the path if there is an endpoint, else in the host name', () => {
  expect(s3Client({ endpoint: 'http://127.0.0.1:7070' }).config.forcePathStyle).toBe(true);
  expect(s3Client({ region: 'eu-west-1' }).config.forcePathStyle).toBe(false);
});

test('a response that trickles in is abandoned, whatever the service', () => {
  const address = { region: 'eu-west-1' };
  for (const client of [s3Client(address), dynamodbClient(address), redshiftDataClient(address)])
    expect(client.middlewareStack.identify()).toContainEqual(expect.stringMatching(/^limitAttempts/));
});
