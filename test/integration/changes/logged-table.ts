import { randomBytes } from 'node:crypto';
import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { loadItems } from '../../../local/demo/load-items.ts';
import {
  type ApplyProgress,
  applyWorkflowId,
  triggeredRefreshId,
} from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE, type RefreshResult } from '../../../src/contract/refresh.ts';
import { canonicalKey } from '../../../src/pipeline/apply/item-key.ts';
import type { ChangeRecord } from '../../../src/pipeline/changes/change-record.ts';
import { epochId } from '../../../src/pipeline/changes/epoch-id.ts';
import { createSetAside } from '../../../src/pipeline/changes/set-aside.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { createPositions, firstPositions, type Position } from '../../../src/pipeline/load/positions.ts';
import type { Manifest } from '../../../src/pipeline/run/manifest.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import { claimEpoch, claimLogCheckpoint, claimShard } from '../../../src/store/changes/log-files.ts';
import { RecordsWriter } from '../../../src/store/changes/record-files.ts';
import type { applyChanges } from '../../../src/workflows/changes/apply-changes.ts';
import type { refreshWarehouse } from '../../../src/workflows/refresh/refresh-warehouse.ts';
import { type Plain, plainMap } from '../../unit/pipeline/mapping/plain.ts';
import { type Harness, type Overrides, type TestPipeline, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { liveItems, manifestInUse } from './live-items.ts';

const { signal } = new AbortController();

/** A change as a test writes it: the item after it, or the key of one that is gone. */
export type Change = { readonly put: Item } | { readonly remove: Item };

export const put = (item: Item): Change => ({ put: item });
export const remove = (key: Item): Change => ({ remove: key });

/** A DynamoDB table that was copied, whose changes a test writes to the log, and what they should have made of it. */
export class LoggedTable {
  readonly harness: Harness;
  readonly key: Key;
  readonly pipeline: TestPipeline;
  readonly table: string;
  readonly log: ChangeLog;
  /** The items as of the last change, by key. */
  readonly model = new Map<string, Item>();
  run = '';
  #written = 0;
  readonly #checkpoints = new Map<string, number>();

  private constructor(harness: Harness, key: Key, table: string, pipeline: TestPipeline) {
    this.harness = harness;
    this.key = key;
    this.table = table;
    this.pipeline = pipeline;
    const { prefix } = pipeline.definition.staging;
    const epoch = epochId({ tableId: table, streamArn: 'stream' });
    this.log = { store: harness.store, at: { prefix, pipeline: pipeline.pipeline, epoch } };
  }

  /** Creates the table with these items, copies it, and notes that the copy has none of its changes. */
  static async copied(
    harness: Harness,
    items: readonly Item[],
    { key = [{ name: 'id', kind: 'S' }], ...overrides }: Overrides & { readonly key?: Key } = {},
  ): Promise<LoggedTable> {
    const table = uniqueName('followed');
    await harness.dynamodb.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: key.map(({ name }, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: key.map(({ name, kind }) => ({ AttributeName: name, AttributeType: kind })),
      }),
    );
    await waitUntilTableExists(
      { client: harness.dynamodb, maxWaitTime: 60, minDelay: 1 },
      { TableName: table },
    );
    await loadItems(harness.dynamodb, table, items.map(forSdk) as never);
    const pipeline = harness.define(table, {
      ...{ ...overrides, source: { segments: 1, ...overrides.source } },
      // So that tests do not wait for the pace of a real destination.
      warehouse: { applySeconds: 1, ...overrides.warehouse },
    });
    const followed = new LoggedTable(harness, key, table, pipeline);
    for (const item of items) followed.model.set(canonicalKey(key, item), item);
    await claimEpoch(
      followed.log,
      {
        ...{ version: 1, epoch: followed.log.at.epoch, kind: 'streams', tableName: table, tableId: table },
        ...{ streamArn: 'stream', viewType: 'NEW_IMAGE', key, openedAt: NOW, roots: ['shard-1'] },
      },
      signal,
    );
    await followed.addShard('shard-1');
    await followed.refresh([{ epoch: followed.log.at.epoch, shard: 'shard-1', checkpoint: 0, ended: false }]);
    return followed;
  }

  /** Copies the table as it is in DynamoDB. @param positions what the copy has of the log */
  async refresh(positions: readonly Position[]): Promise<void> {
    const run = await this.harness.start({ pipeline: this.pipeline.pipeline });
    await this.#replacedBy(run, positions);
  }

  /** Waits for the refresh that changes trigger: it is the table's next run, with these positions. */
  async triggeredRefresh(positions: readonly Position[]): Promise<void> {
    const id = triggeredRefreshId(this.pipeline.pipeline, 'warehouse');
    const handle = this.harness.client.workflow.getHandle<typeof refreshWarehouse>(id);
    await until(
      () =>
        handle.describe().then(
          () => true,
          () => false,
        ),
      (isStarted) => isStarted,
    );
    await this.#replacedBy(handle, positions);
  }

  async #replacedBy(
    handle: { result(): Promise<RefreshResult> },
    positions: readonly Position[],
  ): Promise<void> {
    const { harness, pipeline } = this;
    const result = await handle.result();
    if (result.status !== 'replaced') throw new Error(`the run is ${result.status}`);
    this.run = result.run;
    const { schema } = pipeline;
    await harness.sql(createPositions(schema), createSetAside(schema));
    await harness.sql(...firstPositions(schema, positions, this.run));
  }

  addShard(shard: string, parent?: string) {
    const document = {
      ...{ version: 1 as const, shard, foundAt: NOW, open: true, since: NOW },
      ...(parent === undefined ? {} : { parent }),
    };
    return claimShard(this.log, document, signal);
  }

  /** Writes one checkpoint with these changes. */
  async record(
    changes: readonly Change[],
    { shard = 'shard-1', ended = false, writtenAt = NOW } = {},
  ): Promise<void> {
    const number = (this.#checkpoints.get(shard) ?? 0) + 1;
    this.#checkpoints.set(shard, number);
    const attempt = randomBytes(4).toString('hex');
    const writer = new RecordsWriter();
    for (const change of changes) writer.append(this.#recordOf(change));
    const file =
      changes.length === 0 ? undefined : await writer.write(this.log, { shard, number, attempt }, signal);
    await claimLogCheckpoint(
      this.log,
      {
        ...{ version: 1, shard, number, attempt, after: String(this.#written), ended, writtenAt },
        ...(file === undefined ? {} : { file, times: { first: 1_764_000_000, last: 1_764_000_000 } }),
        total: { records: this.#written, bytes: file?.bytes ?? 0 },
        counts: { inserted: 0, modified: changes.length, removed: 0, expired: 0 },
      },
      signal,
    );
  }

  #recordOf(change: Change): ChangeRecord {
    const item = 'put' in change ? change.put : change.remove;
    const key = Object.fromEntries(this.key.map(({ name }) => [name, item[name] as AttributeValue]));
    const common = { sequence: String(++this.#written), at: 1_764_000_000, key };
    if ('remove' in change) {
      this.model.delete(canonicalKey(this.key, item));
      return { ...common, kind: 'REMOVE' };
    }
    this.model.set(canonicalKey(this.key, item), item);
    return { ...common, kind: 'MODIFY', image: item };
  }

  /** The changes that were recorded. */
  get written(): number {
    return this.#written;
  }

  /** Starts the workflow that applies the changes. */
  start(): Promise<WorkflowHandleWithFirstExecutionRunId<typeof applyChanges>> {
    const { pipeline } = this.pipeline;
    return this.harness.client.workflow.start<typeof applyChanges>('applyChanges', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: applyWorkflowId(pipeline, 'warehouse'),
      args: [{ pipeline }],
    });
  }

  handle() {
    return this.harness.client.workflow.getHandle(applyWorkflowId(this.pipeline.pipeline, 'warehouse'));
  }

  progress(): Promise<ApplyProgress> {
    return this.handle().query<ApplyProgress, []>('progress');
  }

  /** Writes the items of the model to DynamoDB, and copies them, with all that was recorded. */
  async refreshFromModel(): Promise<void> {
    await loadItems(this.harness.dynamodb, this.table, [...this.model.values()].map(forSdk) as never);
    const { epoch } = this.log.at;
    await this.refresh(
      [...this.#checkpoints].map(([shard, checkpoint]) => ({ epoch, shard, checkpoint, ended: false })),
    );
  }

  /** All rows of all tables, as text, sorted. */
  async dump(): Promise<Record<string, string[]>> {
    const { schema } = this.pipeline;
    const tables = await this.harness.tablesOf(schema);
    const rows = await Promise.all(tables.map((table) => this.harness.rowsOf(schema, table)));
    return Object.fromEntries(
      tables.map((table, i) => [table, rows[i]!.map((row) => JSON.stringify(row)).sort()]),
    );
  }

  /** Waits until the positions include every checkpoint that was recorded. */
  async applied(): Promise<void> {
    const wanted = [...this.#checkpoints];
    const sql = `SELECT "shard", "checkpoint" FROM "${this.pipeline.schema}"."_tributary_positions"`;
    try {
      await until(
        () => this.harness.sql(sql),
        (rows) =>
          wanted.every(([shard, n]) =>
            rows.some((row) => row.shard === shard && Number(row.checkpoint) === n),
          ),
      );
    } catch (error) {
      throw new Error(`not applied: ${await this.#whatHappens()}`, { cause: error });
    }
  }

  async #whatHappens(): Promise<string> {
    const { raw } = await this.handle().describe();
    const pending = raw.pendingActivities?.map(({ lastFailure, attempt }) => [attempt, lastFailure?.message]);
    return JSON.stringify([await this.progress(), pending]);
  }

  /** The tables with what changes have added, as a manifest with the rows that they have now. */
  manifest(): Promise<Manifest> {
    return manifestInUse(this.harness, this.pipeline, this.run);
  }

  /** The items as live has them. */
  items(): Promise<Map<string, Plain>> {
    return liveItems(this.harness, this.pipeline, this.run, this.key);
  }

  /** The items as live should have them. */
  expected(): Map<string, Plain | undefined> {
    return expectedItems([...this.model.values()], this.key);
  }
}

const NOW = '2026-11-30T10:00:00.000Z';

/** As the tables have them: see `plain`. A key stays text: two texts can be one point in time, but two keys. */
export function expectedItems(items: readonly Item[], key: Key): Map<string, Plain | undefined> {
  return new Map(
    items.map((item) => {
      const expected = (plainMap(item) ?? new Map()) as Map<string, Plain>;
      for (const { name } of key) {
        const value = item[name] as AttributeValue;
        if ('S' in value) expected.set(name, value.S);
      }
      return [JSON.stringify(key.map(({ name }) => expected.get(name))), expected];
    }),
  );
}

/** Binary values as the SDK takes them: as bytes, at any depth. */
export function forSdk(item: Item): Record<string, unknown> {
  const value = (v: AttributeValue): unknown => {
    if ('B' in v) return { B: Buffer.from(v.B, 'base64') };
    if ('BS' in v) return { BS: v.BS.map((B) => Buffer.from(B, 'base64')) };
    if ('L' in v) return { L: v.L.map(value) };
    if ('M' in v)
      return { M: Object.fromEntries(Object.entries(v.M).map(([name, member]) => [name, value(member)])) };
    return v;
  };
  return Object.fromEntries(Object.entries(item).map(([name, v]) => [name, value(v)]));
}
