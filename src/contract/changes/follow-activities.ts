import type { Reported } from '../refresh-activities.ts';
import type { ReadShardInput, ReadShardResult } from './changes.ts';

/** The activities that `followChanges` and `readShard` call: types only. */

/** The log of a pipeline, opened. */
export interface OpenedLog {
  readonly epoch: string;
  readonly staging: { readonly bucket: string; readonly prefix: string };
  /** Whether the namespace has Tributary's search attributes. */
  readonly searchable: boolean;
}

export interface WatchShardsInput {
  readonly pipeline: string;
  readonly epoch: string;
  readonly staging: OpenedLog['staging'];
  /** Shards that have a reader. */
  readonly reading: readonly string[];
  /** Gaps that the workflow knows, by id. */
  readonly gaps: readonly string[];
}

/** Why `watchShards` returned. */
export interface ShardsSeen {
  /** Shards to read now: their parent has ended in the log, or they are roots. They have a `shard.json`. */
  readonly ready: readonly string[];
  /** How many shards the log has read to their end. */
  readonly ended: number;
  /** New gaps; they are recorded in S3. */
  readonly gaps: readonly {
    readonly id: string;
    readonly reason: string;
    readonly message: string;
    readonly at: string;
    readonly shard?: string;
  }[];
  /** The table has another stream now, whose epoch is open. Shards of this one are read to their end. */
  readonly replacedBy?: string;
}

export interface FollowActivities {
  /** Finds the table's stream, and opens its epoch in S3. @throws Terminal `StreamDisabled`, `StreamViewUnfit` */
  openLog(input: { readonly pipeline: string }): Promise<OpenedLog>;
}

/** These run on the task queue `tributary-changes`. */
export interface ReadActivities {
  /** Watches the stream; returns when there is a shard to read, a gap, or another stream. */
  watchShards(input: WatchShardsInput): Promise<ShardsSeen>;
  /** Reads one shard into the log, from its last checkpoint to its end. It runs as long as the shard is open. */
  readShardRecords(input: ReadShardInput): Promise<ReadShardResult & Reported>;
}
