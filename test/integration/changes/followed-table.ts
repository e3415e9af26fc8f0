import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { FollowProgress } from '../../../src/contract/changes/changes.ts';
import { followWorkflowId } from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { changesDirectory } from '../../../src/pipeline/changes/change-directory.ts';
import type { ChangeRecord } from '../../../src/pipeline/changes/change-record.ts';
import { epochId } from '../../../src/pipeline/changes/epoch-id.ts';
import type { LogCheckpoint, LogShard } from '../../../src/pipeline/changes/log-documents.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import { readLogCheckpoints, readShards } from '../../../src/store/changes/log-files.ts';
import { readRecords } from '../../../src/store/changes/record-files.ts';
import type { followChanges } from '../../../src/workflows/changes/follow-changes.ts';
import { type Harness, type Overrides, type TestPipeline, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { testStack } from '../setup/stack.ts';

/** What a shard's log has. */
export interface RecordedShard {
  readonly shard: LogShard;
  readonly checkpoints: readonly LogCheckpoint[];
  /** All records, in order. */
  readonly records: readonly ChangeRecord[];
}

type ViewType = 'KEYS_ONLY' | 'OLD_IMAGE' | 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A table with a stream, a pipeline that follows it, and what is in its log. */
export class FollowedTable {
  readonly harness: Harness;
  readonly table = uniqueName('t');
  readonly known: TestPipeline;

  constructor(harness: Harness, changes: Record<string, unknown> = {}, overrides: Overrides = {}) {
    this.harness = harness;
    this.known = harness.define(this.table, {
      ...overrides,
      source: { changes: { kind: 'streams', cutSeconds: 0.2, ...changes }, ...overrides.source },
    });
  }

  get pipeline(): string {
    return this.known.pipeline;
  }

  /** @param partitions shards of the new stream */
  async create(
    partitions = 1,
    view: ViewType | 'none' = 'NEW_AND_OLD_IMAGES',
    key: Key = [{ name: 'id', kind: 'S' }],
  ): Promise<this> {
    await this.control('partitions', { partitions });
    await this.harness.dynamodb.send(
      new CreateTableCommand({
        TableName: this.table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: key.map(({ name, kind }) => ({ AttributeName: name, AttributeType: kind })),
        KeySchema: key.map(({ name }, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
        ...(view === 'none' ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: view } }),
      }),
    );
    await waitUntilTableExists(
      { client: this.harness.dynamodb, maxWaitTime: 60, minDelay: 1 },
      { TableName: this.table },
    );
    return this;
  }

  async drop(): Promise<void> {
    await this.harness.dynamodb.send(new DeleteTableCommand({ TableName: this.table }));
  }

  async enableStream(isEnabled: boolean): Promise<void> {
    await this.harness.dynamodb.send(
      new UpdateTableCommand({
        TableName: this.table,
        StreamSpecification: {
          StreamEnabled: isEnabled,
          ...(isEnabled ? { StreamViewType: 'NEW_AND_OLD_IMAGES' as const } : {}),
        },
      }),
    );
  }

  async put(id: string, more: Record<string, unknown> = {}): Promise<void> {
    await this.harness.dynamodb.send(
      new PutItemCommand({ TableName: this.table, Item: { id: { S: id }, ...(more as object) } }),
    );
  }

  async putAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.put(id);
  }

  async remove(id: string): Promise<void> {
    await this.harness.dynamodb.send(
      new DeleteItemCommand({ TableName: this.table, Key: { id: { S: id } } }),
    );
  }

  /** What happens on AWS by itself: `split`, `roll`, `trim`. See local/dynamodb/README.md. */
  async control(what: string, body: object = {}): Promise<Record<string, unknown>> {
    const response = await fetch(`${testStack().dynamodb.endpoint}/_control/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ table: this.table, ...body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${what}: ${text}`);
    return text === '' ? {} : JSON.parse(text);
  }

  /** Whether a stream is this table's: workers read tables of earlier tests, too. */
  isOwn(streamArn: string): boolean {
    return streamArn.includes(`/${this.table}/`);
  }

  /** The shards that the stream has. */
  async listed() {
    const { changeStreams } = this.harness.dependencies;
    const stream = await changeStreams.streamOf(this.table);
    return (await changeStreams.shards(stream!.arn))!.shards;
  }

  async start() {
    return this.harness.client.workflow.start<typeof followChanges>('followChanges', {
      workflowId: followWorkflowId(this.pipeline),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ pipeline: this.pipeline }],
    });
  }

  get handle() {
    return this.harness.client.workflow.getHandle(followWorkflowId(this.pipeline));
  }

  progress(): Promise<FollowProgress> {
    return this.handle.query<FollowProgress>(QUERY_PROGRESS);
  }

  untilProgress(wanted: (progress: FollowProgress) => boolean): Promise<FollowProgress> {
    return until(() => this.progress(), wanted);
  }

  /** Waits until all open shards have a reader. The workflow counts one before Temporal has started it. */
  async untilReading(): Promise<void> {
    const { workflow } = this.harness.client;
    const { shards } = await this.progress();
    for (const { workflowId } of shards) {
      await until(
        () => workflow.getHandle(workflowId).describe(),
        ({ status }) => status.name === 'RUNNING',
      );
    }
  }

  /** The log of the table's stream. */
  async log(): Promise<ChangeLog> {
    const { arn, tableId } = (await this.harness.dependencies.changeStreams.streamOf(this.table))!;
    return this.logOf(epochId({ tableId, streamArn: arn }));
  }

  logOf(epoch: string): ChangeLog {
    const { prefix } = this.known.definition.staging;
    return { store: this.harness.store, at: { prefix, pipeline: this.pipeline, epoch } };
  }

  /** All shards of the log, and their records. */
  async recorded(log?: ChangeLog): Promise<RecordedShard[]> {
    const at = log ?? (await this.log());
    const shards: RecordedShard[] = [];
    for (const shard of await readShards(at)) {
      const checkpoints = await readLogCheckpoints(at, shard.shard);
      const records: ChangeRecord[] = [];
      for (const checkpoint of checkpoints)
        for await (const some of readRecords(at, checkpoint)) for (const each of some) records.push(each);
      shards.push({ shard, checkpoints, records });
    }
    return shards;
  }

  untilRecorded(wanted: (shards: RecordedShard[]) => boolean, log?: ChangeLog): Promise<RecordedShard[]> {
    return until(() => this.recorded(log), wanted);
  }

  /** Waits until so many changes are in the log. */
  untilCount(count: number): Promise<RecordedShard[]> {
    return this.untilRecorded((shards) => idsOf(shards).length >= count);
  }

  /** Everything below the log's directory, as text. */
  async keys(): Promise<string[]> {
    const { prefix } = this.known.definition.staging;
    const keys: string[] = [];
    for await (const { key } of this.harness.store.list(
      changesDirectory({ prefix, pipeline: this.pipeline }),
    ))
      keys.push(key);
    return keys;
  }
}

/** The ids of all changes, in the order of the shards. */
export const idsOf = (shards: readonly RecordedShard[]): string[] =>
  shards.flatMap(({ records }) => records.map(({ key }) => (key.id as { S: string }).S));
