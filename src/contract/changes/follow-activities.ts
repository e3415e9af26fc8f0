import type { Reported } from '../refresh-activities.ts';
import type { ReadShardInput, ReadShardResult } from './changes.ts';

/** The activities that `followChanges` and `readShard` call: types only. */

/** The log of a pipeline, opened. */
export interface OpenedLog {
  readonly epoch: string;
  /** Absent if the changes are those of a stream. */
  readonly kind?: 'exports';
  readonly staging: { readonly bucket: string; readonly prefix: string };
  /** Whether the namespace has Tributary's search attributes. */
  readonly searchable: boolean;
}

/** What is known of a table's stream, beside the one that is followed; or of its exports. */
export type StreamState =
  /** It is the table's stream; or the table can be exported. */
  | 'current'
  /** The table has no stream now, cannot be exported, or was deleted. What a stream has is read to its end. */
  | 'disabled'
  /** The table has another stream now, was recreated, or is followed by the other kind of changes. */
  | 'replaced';

export interface WatchShardsInput {
  readonly pipeline: string;
  readonly epoch: string;
  readonly staging: OpenedLog['staging'];
  /** Shards that the workflow knows: they have a reader, or their reader failed. */
  readonly known: readonly string[];
  /** Gaps that the workflow knows, by id. */
  readonly gaps: readonly string[];
  /** The state that the workflow knows. */
  readonly stream: StreamState;
}

/** A gap that is recorded in S3. */
export interface NoticedGap {
  readonly id: string;
  readonly reason: string;
  readonly message: string;
  readonly at: string;
  readonly shard?: string;
}

/** Why `watchShards` returned. */
export interface ShardsSeen {
  /** Shards to read now that the workflow does not know: their parent has ended in the log, or they are roots. */
  readonly ready: readonly string[];
  /** How many shards the log has read to their end, as far as this worker knows. */
  readonly ended: number;
  /** New gaps. */
  readonly gaps: readonly NoticedGap[];
  readonly stream: StreamState;
  /** The stream is replaced, and all that it had is read, or is not needed. */
  readonly over: boolean;
}

/** What is left of a pipeline's log, of all epochs. */
export interface PrunedLog {
  /** Objects. */
  readonly deleted: number;
  /** Of what stays. */
  readonly bytes: number;
  /** What needs changes that are old enough to be deleted: `schema orders`, `history lake`. */
  readonly keptFor: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** Why and since when nothing is read. */
interface ReadingPause {
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface FollowActivities {
  /**
   * Finds the table's stream, or that it can be exported, and opens its epoch in S3.
   * @throws Terminal `StreamDisabled`, `StreamViewUnfit`, `RecoveryDisabled`
   */
  openLog(input: { readonly pipeline: string }): Promise<OpenedLog & { readonly paused?: ReadingPause }>;
  /** Notes in S3 that reading is paused or, without `paused`, that it is not. */
  keepReadingPause(input: { readonly pipeline: string; readonly paused?: ReadingPause }): Promise<void>;
}

/** These run on the task queue `tributary-changes`. */
export interface ReadActivities {
  /** Watches the stream, or what can be exported; returns when there is a shard or window to read, a gap, or another state of the stream. */
  watchShards(input: WatchShardsInput): Promise<ShardsSeen>;
  /** Reads one shard, or exports one window, into the log, from its last checkpoint to its end. It runs as long as the shard is open. */
  readShardRecords(input: ReadShardInput): Promise<ReadShardResult & Reported>;
}
