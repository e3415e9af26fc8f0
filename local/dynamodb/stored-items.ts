import type { CapturedTable } from './capture.ts';
import type { Item } from './item.ts';
import { keyText } from './item-key.ts';
import type { Upstream } from './upstream.ts';

/** DynamoDB's limit on the keys of one BatchGetItem. */
const MAX_KEYS = 100;

/** A key of a table with a stream. */
export interface StreamedKey {
  readonly stream: CapturedTable;
  readonly key: Item;
  readonly text: string;
}

/** An item as it is now; undefined if there is none. */
export async function readItem(
  upstream: Upstream,
  stream: CapturedTable,
  key: Item,
): Promise<Item | undefined> {
  const parameters = { TableName: stream.table.name, Key: key, ConsistentRead: true };
  return (await upstream.call<{ Item?: Item }>('GetItem', parameters)).Item;
}

/** Many items as they are now, by table and text of their keys: see `slotOf`. */
export async function readItems(
  upstream: Upstream,
  keys: readonly StreamedKey[],
): Promise<ReadonlyMap<string, Item>> {
  const found = new Map<string, Item>();
  const streams = new Map(keys.map(({ stream }) => [stream.table.name, stream]));
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    let waiting: Requested = requestOf(keys.slice(start, start + MAX_KEYS));
    while (Object.keys(waiting).length > 0) {
      const { Responses, UnprocessedKeys } = await upstream.call<BatchAnswer>('BatchGetItem', {
        RequestItems: waiting,
      });
      for (const [table, items] of Object.entries(Responses)) {
        const stream = streams.get(table)!;
        for (const item of items) found.set(slotOf(stream, keyText(stream.keyNames, item)!), item);
      }
      waiting = UnprocessedKeys ?? {};
    }
  }
  return found;
}

/** The place of a key in what `readItems` returns. */
export const slotOf = ({ table }: CapturedTable, text: string): string => `${table.name} ${text}`;

type Requested = Record<string, { Keys: Item[]; ConsistentRead: true }>;

interface BatchAnswer {
  readonly Responses: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys?: Requested;
}

function requestOf(keys: readonly StreamedKey[]): Requested {
  const request: Requested = {};
  for (const { stream, key } of keys) {
    request[stream.table.name] ??= { Keys: [], ConsistentRead: true };
    request[stream.table.name]!.Keys.push(key);
  }
  return request;
}
