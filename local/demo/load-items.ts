import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type DynamoDBClient,
  type WriteRequest,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/** One item as in DynamoDB's API: attribute names to typed values. */
export type Item = Record<string, AttributeValue>;

/** DynamoDB's limit for one BatchWriteItem. */
const ITEMS_PER_BATCH = 25;
const BATCHES_AT_ONCE = 8;

/** Creates the table with text keys `pk` and `sk`, on demand, and waits until it accepts writes. */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
}

/** Puts all items, 25 per request. Items that the server leaves unprocessed are sent again. */
export async function loadItems(
  client: DynamoDBClient,
  table: string,
  items: readonly Item[],
): Promise<void> {
  const batches: WriteRequest[][] = [];
  for (let i = 0; i < items.length; i += ITEMS_PER_BATCH) {
    batches.push(items.slice(i, i + ITEMS_PER_BATCH).map((Item) => ({ PutRequest: { Item } })));
  }
  const writer = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: batch } }),
      );
      const left = UnprocessedItems?.[table] ?? [];
      if (left.length > 0) batches.push(left);
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, writer));
}
