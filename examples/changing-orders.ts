import { readFileSync } from 'node:fs';
import {
  CreateTableCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Item, loadItems } from '../local/demo/load-items.ts';

type Change = { readonly put: Item } | { readonly delete: Item };

const linesOf = <Line>(file: string): Line[] =>
  readFileSync(new URL(`changing-orders/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Creates the example's table, with a stream, and puts its items. @returns their number */
export async function createOrders(client: DynamoDBClient, table = 'orders'): Promise<number> {
  const items = linesOf<Item>('items.jsonl');
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
  await loadItems(client, table, items);
  return items.length;
}

/** Does what happens to the orders. @returns the number of changes */
export async function changeOrders(client: DynamoDBClient, table = 'orders'): Promise<number> {
  const changes = linesOf<Change>('changes.jsonl');
  for (const change of changes)
    await ('put' in change
      ? client.send(new PutItemCommand({ TableName: table, Item: change.put as never }))
      : client.send(new DeleteItemCommand({ TableName: table, Key: change.delete as never })));
  return changes.length;
}
