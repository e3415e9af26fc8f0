import { hashKeyFromEnvironment } from '../activities/runtime/hash-key.ts';
import type { SegmentClients } from '../activities/runtime/segment-context.ts';
import { addressesFromEnvironment } from '../clients/aws/addresses.ts';
import { createDynamoDBTableSource, dynamodbClient } from '../clients/dynamodb/dynamodb-table-source.ts';
import { createS3ObjectStore, s3Client } from '../clients/s3/s3-object-store.ts';

/** The clients that read pages and write part files, at the environment's addresses (AWS by default). */
export function segmentClients(environment: NodeJS.ProcessEnv): SegmentClients {
  const addresses = addressesFromEnvironment(environment);
  const client = s3Client(addresses.s3);
  return {
    source: createDynamoDBTableSource({ client: dynamodbClient(addresses.dynamodb) }),
    store: (bucket) => createS3ObjectStore({ client, bucket }),
    hashKey: hashKeyFromEnvironment(environment),
  };
}
