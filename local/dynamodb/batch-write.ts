import { type Item, isStoredForm } from './item.ts';
import { keyOf, keyText } from './item-key.ts';
import { losingIfUnknown, readBefore, sendUnread } from './lost-changes.ts';
import type { DynamodbRequest } from './request.ts';
import { readItems, type StreamedKey, slotOf } from './stored-items.ts';
import { type Answer, bodyOf } from './upstream.ts';
import type { CaptureParts } from './write-operations.ts';

interface Write {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}
type RequestItems = Readonly<Record<string, readonly Write[]>>;

/** A write of a batch to a table with a stream. */
interface CapturedWrite extends StreamedKey {
  readonly put: Item | undefined;
}

/** BatchWriteItem. Its answer has no old items, so they are read before. */
export async function batchWrite(
  { incoming, body, parameters }: DynamodbRequest,
  { upstream, capture, locks }: CaptureParts,
): Promise<Answer> {
  const captured = capturedWrites(parameters.RequestItems as RequestItems);
  if (captured.length === 0) return await upstream.send(incoming, body);
  const slots = captured.map(({ stream, text }) => slotOf(stream, text));
  const changed = captured.map(({ stream }) => stream);
  return await locks.holding(slots, async () => await losingIfUnknown(changed, write));

  async function write(): Promise<Answer> {
    const before = await readBefore(async () => await readItems(upstream, captured));
    if (before === undefined) return await sendUnread(changed, () => upstream.send(incoming, body));
    const answer = await upstream.send(incoming, body);
    if (answer.status !== 200) return answer;
    const { UnprocessedItems = {} } = bodyOf<{ UnprocessedItems?: RequestItems }>(answer);
    const unprocessed = new Set(
      capturedWrites(UnprocessedItems).map(({ stream, text }) => slotOf(stream, text)),
    );
    const written = captured.filter(({ stream, text }) => !unprocessed.has(slotOf(stream, text)));
    const altered = written.filter(({ put }) => put !== undefined && !Object.values(put).every(isStoredForm));
    const stored = altered.length === 0 ? new Map<string, Item>() : await readItems(upstream, altered);
    for (const { stream, key, text, put } of written) {
      const slot = slotOf(stream, text);
      const after = stored.get(slot) ?? put;
      const old = before.get(slot);
      stream.record({ key: keyOf(stream.keyNames, after ?? old ?? key), before: old, after });
    }
    return answer;
  }

  function capturedWrites(requests: RequestItems | undefined): CapturedWrite[] {
    return Object.entries(requests ?? {}).flatMap(([table, writes]) => {
      const stream = capture.enabledOf(table);
      if (stream === undefined) return [];
      return writes.flatMap(({ PutRequest, DeleteRequest }) => {
        const item = PutRequest?.Item ?? DeleteRequest?.Key;
        const text = keyText(stream.keyNames, item);
        return text === undefined
          ? []
          : [{ stream, text, key: keyOf(stream.keyNames, item!), put: PutRequest?.Item }];
      });
    });
  }
}
