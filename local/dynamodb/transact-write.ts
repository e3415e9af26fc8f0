import type { Item } from './item.ts';
import { keyOf, keyText } from './item-key.ts';
import { losingIfUnknown, readBefore, sendUnread } from './lost-changes.ts';
import type { DynamodbRequest } from './request.ts';
import { readItems, type StreamedKey, slotOf } from './stored-items.ts';
import type { Answer } from './upstream.ts';
import type { CaptureParts } from './write-operations.ts';

interface Action {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
}
/** One action: Put, Update, Delete or ConditionCheck. */
type TransactItem = Readonly<Record<string, Action>>;

/**
 * TransactWriteItems. Items are read before and after, so that a transaction which is repeated with its token, and then
 * changes nothing, records nothing.
 */
export async function transactWrite(
  { incoming, body, parameters }: DynamodbRequest,
  { upstream, capture, locks }: CaptureParts,
): Promise<Answer> {
  const captured = ((parameters.TransactItems ?? []) as TransactItem[]).flatMap((item): StreamedKey[] => {
    const [kind, { TableName, Item, Key }] = Object.entries(item)[0] ?? ['', {} as Action];
    const stream = kind === 'ConditionCheck' ? undefined : capture.enabledOf(String(TableName));
    const text = stream && keyText(stream.keyNames, Item ?? Key);
    return stream && text !== undefined
      ? [{ stream, text, key: keyOf(stream.keyNames, (Item ?? Key)!) }]
      : [];
  });
  if (captured.length === 0) return await upstream.send(incoming, body);
  const slots = captured.map(({ stream, text }) => slotOf(stream, text));
  const changed = captured.map(({ stream }) => stream);
  return await locks.holding(slots, async () => await losingIfUnknown(changed, write));

  async function write(): Promise<Answer> {
    const before = await readBefore(async () => await readItems(upstream, captured));
    if (before === undefined) return await sendUnread(changed, () => upstream.send(incoming, body));
    const answer = await upstream.send(incoming, body);
    if (answer.status !== 200) return answer;
    const after = await readItems(upstream, captured);
    for (const { stream, key, text } of captured) {
      const [old, current] = [before.get(slotOf(stream, text)), after.get(slotOf(stream, text))];
      if (old === undefined && current === undefined) continue;
      stream.record({ key: keyOf(stream.keyNames, current ?? old ?? key), before: old, after: current });
    }
    return answer;
  }
}
