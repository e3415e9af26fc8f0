import { DynamodbError } from './dynamodb-error.ts';
import type { Item } from './item.ts';
import { keyOf, keyText } from './item-key.ts';
import { slotOf } from './stored-items.ts';
import type { TableClocks } from './table-clocks.ts';
import type { CaptureParts } from './write-operations.ts';

interface Page {
  readonly Items: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}

/**
 * Deletes the items of a table whose time to live has passed, as DynamoDB does within a few days.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
 * @returns how many
 * @throws DynamodbError if the table has no stream, or no time to live
 */
export async function expireItems(
  table: string,
  { upstream, capture, clocks, locks }: CaptureParts & { readonly clocks: TableClocks },
): Promise<{ readonly expired: number }> {
  const stream = capture.enabledOf(table);
  if (stream === undefined) {
    throw new DynamodbError('ValidationException', `The table ${table} has no stream: enable one first.`);
  }
  const { TimeToLiveDescription } = await upstream.call<{
    TimeToLiveDescription: { AttributeName?: string };
  }>('DescribeTimeToLive', { TableName: table });
  const { AttributeName } = TimeToLiveDescription;
  if (AttributeName === undefined) {
    throw new DynamodbError(
      'ValidationException',
      `The table ${table} has no time to live: UpdateTimeToLive.`,
    );
  }
  const nowSeconds = Math.floor(clocks.of(stream.table.name).nowMs() / 1000);
  const passed = {
    ExpressionAttributeNames: { '#ttl': AttributeName },
    ExpressionAttributeValues: { ':now': { N: String(nowSeconds) }, ':number': { S: 'N' } },
  };
  const condition = 'attribute_type(#ttl, :number) AND #ttl < :now';
  let expired = 0;
  let from: Item | undefined;
  do {
    const page: Page = await upstream.call<Page>('Scan', {
      TableName: table,
      FilterExpression: condition,
      ...passed,
      ...(from && { ExclusiveStartKey: from }),
    });
    for (const item of page.Items) {
      const key = keyOf(stream.keyNames, item);
      await locks.holding([slotOf(stream, keyText(stream.keyNames, key)!)], async () => {
        // Renewed in the meantime, or deleted: then it does not expire.
        const before = await upstream.callIf<{ Attributes?: Item }>('DeleteItem', {
          TableName: table,
          Key: key,
          ConditionExpression: condition,
          ...passed,
          ReturnValues: 'ALL_OLD',
        });
        if (before?.Attributes === undefined) return;
        stream.record({ key, before: before.Attributes, after: undefined, expired: true });
        expired += 1;
      });
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return { expired };
}
