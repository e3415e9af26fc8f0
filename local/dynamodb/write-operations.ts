import { batchWrite } from './batch-write.ts';
import type { Capture, CapturedTable } from './capture.ts';
import { DynamodbError } from './dynamodb-error.ts';
import { type Item, isStoredForm } from './item.ts';
import { keyOf, keyText } from './item-key.ts';
import type { KeyLocks } from './key-locks.ts';
import { losingIfUnknown, readBefore, sendUnread } from './lost-changes.ts';
import type { DynamodbRequest, Operations } from './request.ts';
import { readItem, slotOf } from './stored-items.ts';
import { transactWrite } from './transact-write.ts';
import { type Answer, bodyOf, type Upstream, withBody } from './upstream.ts';

/** What the capture of changes works with. */
export interface CaptureParts {
  readonly upstream: Upstream;
  readonly capture: Capture;
  readonly locks: KeyLocks;
}

/** A write of one item. */
interface SingleWrite {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ReturnValues?: string;
}

/** One statement, or several. */
interface PartiQL {
  readonly Statement?: string;
  readonly Statements?: readonly { readonly Statement: string }[];
  readonly TransactStatements?: readonly { readonly Statement: string }[];
}

/**
 * The operations that write items. Where a table has a stream, writes of a key take their turns, and each change is
 * recorded before the client gets its answer.
 */
export function writeOperations(parts: CaptureParts): Operations {
  const { upstream, capture, locks } = parts;

  /** Calls `write` for a table with a stream, while no other write changes the key. */
  const single =
    (write: (request: DynamodbRequest, stream: CapturedTable, key: Item) => Promise<Answer>) =>
    async (request: DynamodbRequest): Promise<Answer> => {
      const { TableName, Item, Key } = request.parameters as unknown as SingleWrite;
      const stream = capture.enabledOf(String(TableName));
      const text = stream && keyText(stream.keyNames, Item ?? Key);
      if (stream === undefined || text === undefined)
        return await upstream.send(request.incoming, request.body);
      const key = keyOf(stream.keyNames, (Item ?? Key)!);
      return await locks.holding(
        [slotOf(stream, text)],
        async () => await losingIfUnknown([stream], () => write(request, stream, key)),
      );
    };

  return {
    PutItem: single(async (request, stream, key) => {
      const { Item } = request.parameters as unknown as SingleWrite;
      const { answer, attributes: before } = await answerWith(upstream, request, 'ALL_OLD');
      if (answer.status !== 200) return answer;
      const isStored = Object.values(Item!).every(isStoredForm);
      const after = isStored ? Item! : await readItem(upstream, stream, key);
      stream.record({ key: keyOf(stream.keyNames, after ?? key), before, after });
      return answer;
    }),

    DeleteItem: single(async (request, stream) => {
      const { answer, attributes: before } = await answerWith(upstream, request, 'ALL_OLD');
      if (before !== undefined) {
        stream.record({ key: keyOf(stream.keyNames, before), before, after: undefined });
      }
      return answer;
    }),

    UpdateItem: single(async (request, stream, key) => {
      // Not from the answer: dynoxide's old item of an update that creates one is its key, not absent.
      const read = await readBefore(async () => ({ item: await readItem(upstream, stream, key) }));
      const { incoming, body } = request;
      if (read === undefined) return await sendUnread([stream], () => upstream.send(incoming, body));
      const { answer, attributes } = await answerWith(upstream, request, 'ALL_NEW');
      if (answer.status !== 200) return answer;
      const after = attributes ?? (await readItem(upstream, stream, key));
      stream.record({ key: keyOf(stream.keyNames, after ?? key), before: read.item, after });
      return answer;
    }),

    BatchWriteItem: async (request) => await batchWrite(request, parts),
    TransactWriteItems: async (request) => await transactWrite(request, parts),
    ExecuteStatement: async (request) => await passReads(request, upstream),
    BatchExecuteStatement: async (request) => await passReads(request, upstream),
    ExecuteTransaction: async (request) => await passReads(request, upstream),
  };
}

/**
 * Sends a write so that its answer has the old or new item, which the client does not see unless it asked for it.
 * @returns its attributes, unless the client asked for others
 */
async function answerWith(
  upstream: Upstream,
  { incoming, body, parameters }: DynamodbRequest,
  wanted: 'ALL_OLD' | 'ALL_NEW',
): Promise<{ readonly answer: Answer; readonly attributes?: Item | undefined }> {
  const { ReturnValues = 'NONE' } = parameters as unknown as SingleWrite;
  if (ReturnValues !== 'NONE' && ReturnValues !== wanted)
    return { answer: await upstream.send(incoming, body) };
  const answer = await upstream.send(incoming, JSON.stringify({ ...parameters, ReturnValues: wanted }));
  if (answer.status !== 200) return { answer };
  const { Attributes: attributes, ...others } = bodyOf<{ Attributes?: Item }>(answer);
  return { answer: ReturnValues === 'NONE' ? withBody(answer, others) : answer, attributes };
}

/** Passes PartiQL that only reads. @throws DynamodbError if it may write */
async function passReads(
  { incoming, body, parameters }: DynamodbRequest,
  upstream: Upstream,
): Promise<Answer> {
  const { Statement, Statements, TransactStatements } = parameters as PartiQL;
  const statements = Statements ?? TransactStatements ?? [{ Statement }];
  if (statements.every((each) => /^\s*select\b/i.test(String(each.Statement))))
    return await upstream.send(incoming, body);
  throw new DynamodbError(
    'ValidationException',
    'The local DynamoDB does not record changes by PartiQL: while a table has a stream, use the other operations.',
  );
}
