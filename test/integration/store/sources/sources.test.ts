import { randomBytes } from 'node:crypto';
import { createTable, loadItems } from '../../../../local/demo/load-items.ts';
import { fullExport } from '../../../../local/dynamodb/exports/export-files.ts';
import {
  createDynamoDBTableSource,
  dynamodbClient,
} from '../../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { createS3ObjectStore, s3Client } from '../../../../src/clients/s3/s3-object-store.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { exportSource } from '../../../../src/store/sources/export-source.ts';
import { findExport } from '../../../../src/store/sources/find-export.ts';
import { scanSource } from '../../../../src/store/sources/scan-source.ts';
import { useStackCredentials } from '../../clients/use-stack-credentials.ts';
import { testStack } from '../../setup/stack.ts';
import { SUITE_ITEMS, sourceSuite } from './source-suite.ts';

const { dynamodb, s3 } = testStack();
useStackCredentials();
const suffix = randomBytes(4).toString('hex');

sourceSuite('the scan of a table', async () => {
  const client = dynamodbClient(dynamodb);
  const tables = createDynamoDBTableSource({ client });
  const [table, without] = [`source-${suffix}`, `source-empty-${suffix}`] as const;
  for (const name of [table, without]) await createTable(client, name);
  await loadItems(client, table, SUITE_ITEMS as Parameters<typeof loadItems>[2]);
  const { tableId } = await tables.describe(table);
  return {
    source: scanSource(tables, { table }),
    empty: scanSource(tables, { table: without }),
    tableId: tableId as string,
  };
});

sourceSuite('a full export', async () => {
  const store = createS3ObjectStore({ client: s3Client(s3), bucket: s3.bucket });
  const { signal } = new AbortController();
  const open = async (prefix: string, items: readonly Item[]) => {
    const atMs = Date.now();
    const objects = fullExport({
      ...{ bucket: s3.bucket, prefix, id: '01693685827463-2d8752fd', files: 5, items },
      ...{ tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders', tableId: 'exported' },
      ...{ startedAtMs: atMs, endedAtMs: atMs, exportTimeMs: atMs },
    });
    for (const [key, body] of objects) await store.put(key, body);
    const { planned } = await findExport(store, { prefix, export: 'latest', table: 'orders' }, signal);
    return exportSource(store, planned);
  };
  return {
    source: await open(`exports-${suffix}`, SUITE_ITEMS),
    empty: await open(`exports-empty-${suffix}`, []),
    tableId: 'exported',
  };
});
