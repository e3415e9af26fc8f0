import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  type AttributeValue as SdkValue,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { type ApplyProgress, applyWorkflowId } from '../../../src/contract/changes/changes.ts';
import { QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { canonicalKey } from '../../../src/pipeline/apply/item-key.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { positionsOf, positionsQuery } from '../../../src/pipeline/load/positions.ts';
import type { Plain } from '../../unit/pipeline/mapping/plain.ts';
import type { Harness } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { FollowedTable } from './followed-table.ts';
import { liveItems } from './live-items.ts';
import { expectedItems, forSdk } from './logged-table.ts';

const sdkItem = (item: Item) => forSdk(item) as Record<string, SdkValue>;

/** A table whose every write is repeated on a map: what live has to hold in the end. */
export class ModelledTable extends FollowedTable {
  readonly key: Key;
  /** The items as of the last write, by key. */
  readonly model = new Map<string, Item>();
  /** Writes that changed something: each is one record of the stream. */
  changes = 0;

  constructor(harness: Harness, key: Key) {
    super(
      harness,
      { settleSeconds: 1 },
      // So that tests do not wait for the pace of a real destination.
      { source: { segments: 2 }, warehouse: { applySeconds: 1 } },
    );
    this.key = key;
  }

  /** Creates the table; its items expire at the time `until`. */
  async begin(partitions: number): Promise<this> {
    await this.create(partitions, 'NEW_AND_OLD_IMAGES', this.key);
    await this.harness.dynamodb.send(
      new UpdateTimeToLiveCommand({
        TableName: this.table,
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' },
      }),
    );
    return this;
  }

  async write(item: Item): Promise<void> {
    await this.harness.dynamodb.send(new PutItemCommand({ TableName: this.table, Item: sdkItem(item) }));
    this.#set(item);
  }

  /** Sets some attributes of an item, and removes others. */
  async update(item: Item, set: Item, remove: readonly string[] = []): Promise<void> {
    const names = [...Object.keys(set), ...remove];
    const placed = (from: readonly string[], of: (name: string) => string) => from.map(of).join(', ');
    const name = (each: string) => `#${names.indexOf(each)}`;
    const sets = placed(Object.keys(set), (each) => `${name(each)} = :${names.indexOf(each)}`);
    await this.harness.dynamodb.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: sdkItem(this.#keyOf(item)),
        UpdateExpression: `SET ${sets}${remove.length === 0 ? '' : ` REMOVE ${placed(remove, name)}`}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((each) => [name(each), each])),
        ExpressionAttributeValues: sdkItem(
          Object.fromEntries(Object.entries(set).map(([each, v]) => [`:${names.indexOf(each)}`, v])),
        ),
      }),
    );
    const before = this.model.get(canonicalKey(this.key, item)) ?? this.#keyOf(item);
    const left = Object.entries(before).filter(([each]) => !remove.includes(each));
    this.#set({ ...Object.fromEntries(left), ...set });
  }

  async erase(item: Item): Promise<void> {
    await this.harness.dynamodb.send(
      new DeleteItemCommand({ TableName: this.table, Key: sdkItem(this.#keyOf(item)) }),
    );
    this.#delete(item);
  }

  /** One BatchWriteItem, of items with different keys. */
  async batch(writes: readonly Item[], erased: readonly Item[]): Promise<void> {
    const { UnprocessedItems } = await this.harness.dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [this.table]: [
            ...writes.map((item) => ({ PutRequest: { Item: sdkItem(item) } })),
            ...erased.map((item) => ({ DeleteRequest: { Key: sdkItem(this.#keyOf(item)) } })),
          ],
        },
      }),
    );
    if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('some writes were not processed');
    for (const item of writes) this.#set(item);
    for (const item of erased) this.#delete(item);
  }

  /** DynamoDB deletes what has expired. */
  async expire(): Promise<void> {
    const { expired } = await this.control('expire');
    const nowSeconds = Date.now() / 1000;
    const past = [...this.model.values()].filter(
      ({ until: at }) => at !== undefined && Number((at as { N: string }).N) < nowSeconds,
    );
    if (past.length !== expired) throw new Error(`${String(expired)} items expired, not ${past.length}`);
    for (const item of past) this.#delete(item);
  }

  #set(item: Item): void {
    this.model.set(canonicalKey(this.key, item), item);
    this.changes++;
  }

  #delete(item: Item): void {
    if (!this.model.delete(canonicalKey(this.key, item))) throw new Error('there is no such item');
    this.changes++;
  }

  #keyOf(item: Item): Item {
    return Object.fromEntries(this.key.map(({ name }) => [name, item[name]!]));
  }

  /** Refreshes the pipeline. @returns the run, which is live */
  async refresh(): Promise<string> {
    const { status, run } = await (await this.harness.start({ pipeline: this.pipeline })).result();
    if (status !== 'replaced') throw new Error(`the run is ${status}`);
    return run;
  }

  applyProgress(): Promise<ApplyProgress> {
    return this.harness.client.workflow
      .getHandle(applyWorkflowId(this.pipeline, 'warehouse'))
      .query<ApplyProgress, []>(QUERY_PROGRESS);
  }

  /** The sequence numbers of all records, once the log has all changes. */
  async untilLogged(): Promise<string[]> {
    return until(
      async () =>
        (await this.recorded()).flatMap(({ shard, records }) =>
          records.map(({ sequence }) => `${shard.shard}/${sequence}`),
        ),
      ({ length }) => length >= this.changes,
    );
  }

  /** Waits until live has every change that the log has. */
  async untilApplied(): Promise<void> {
    const last = new Map(
      (await this.recorded()).map(({ shard, checkpoints }) => [shard.shard, checkpoints.at(-1)?.number ?? 0]),
    );
    try {
      await until(
        async () => positionsOf(await this.harness.sql(positionsQuery(this.known.schema))),
        (positions) =>
          [...last].every(
            ([shard, number]) =>
              number === 0 || positions.some((each) => each.shard === shard && each.checkpoint >= number),
          ),
      );
    } catch (error) {
      const progress = JSON.stringify([await this.progress(), await this.applyProgress()]);
      throw new Error(`not applied: ${progress}`, { cause: error });
    }
  }

  /** The items as live has them. */
  items(run: string): Promise<Map<string, Plain>> {
    return liveItems(this.harness, this.known, run, this.key);
  }

  /** The items as live should have them. */
  expected(): Map<string, Plain | undefined> {
    return expectedItems([...this.model.values()], this.key);
  }
}
