import { z } from 'zod';
import { Key } from '../item/key.ts';

/** The JSON documents of a change log. Each is written once (If-None-Match); see change-directory.ts. */

const count = z.number().int().nonnegative();

/** Stream views that can be applied: both have the new image. */
export const VIEW_TYPES = ['NEW_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type ViewType = (typeof VIEW_TYPES)[number];

/** `epoch.json`: one stream of one table, or the incremental exports of one table. Another ARN or table is another epoch. */
export const Epoch = z.object({
  version: z.literal(1),
  /** `epochId` of the rest. */
  epoch: z.string(),
  kind: z.enum(['streams', 'exports']),
  tableName: z.string(),
  /** DynamoDB's id of the table: a recreated table has another. */
  tableId: z.string(),
  /** Absent for exports. */
  streamArn: z.string().optional(),
  viewType: z.enum(VIEW_TYPES),
  key: Key,
  /** When it was opened, by S3's clock. ISO 8601, UTC. */
  openedAt: z.string(),
  /** When the stream was enabled, or where the first window of exports begins, by DynamoDB's clock. ISO 8601, UTC. */
  enabledAt: z.string().optional(),
  /**
   * The shards whose parent the stream did not list when the epoch was opened: the log begins with them. Any other shard
   * whose parent the log does not have lies behind a gap.
   */
  roots: z.array(z.string()),
});
export type Epoch = z.infer<typeof Epoch>;

/** `shard.json`: a shard that the log has, or will have. */
export const LogShard = z.object({
  version: z.literal(1),
  shard: z.string(),
  /** The shard it was split from; absent if it has none. A root's parent is not in the log. */
  parent: z.string().optional(),
  /** When its reading could begin: its parent had ended, or it is a root. By S3's clock. ISO 8601, UTC. */
  foundAt: z.string(),
  /** It still took records then. */
  open: z.boolean(),
  /** Its first sequence number: where reading begins. Absent for a root, which is read from its oldest record. */
  first: z.string().optional(),
  /** None of its records that the log needs is older. By S3's or DynamoDB's clock. ISO 8601, UTC. */
  since: z.string(),
  /** The id of the gap before it: its parent was never seen, so no schema may read it that does not begin behind the gap. */
  gap: z.string().optional(),
  /** Of exports: its start, inclusive, and its end, exclusive, in seconds since 1970. Each begins where its parent ended. */
  window: z.object({ from: count, to: count }).optional(),
});
export type LogShard = z.infer<typeof LogShard>;

/** `checkpoint-<number>.json`: what one cut of a shard wrote, and where reading resumes. */
export const LogCheckpoint = z.object({
  version: z.literal(1),
  shard: z.string(),
  number: z.number().int().positive(),
  /** Random id of the execution that wrote it and its file. */
  attempt: z.string(),
  /** Absent if the cut has no records: only a checkpoint that ends a shard, or that marks a gap, may have none. */
  file: z.object({ key: z.string(), etag: z.string(), records: count, bytes: count }).optional(),
  /**
   * Reading resumes after this sequence number. Absent if the shard had no record so far or lies behind a gap, where it
   * resumes with the oldest record. Of a window: the export, the file in its manifest, and the place in the file.
   */
  after: z.string().optional(),
  /**
   * The id of a gap: changes between the checkpoint before this one and the next were lost. It has no records. No schema may
   * take it: only one that is refreshed begins behind it.
   */
  gap: z.string().optional(),
  /** The shard was read to its end: no checkpoint follows. */
  ended: z.boolean(),
  /** Changes by kind, with expired items among the removed ones. */
  counts: z.object({ inserted: count, modified: count, removed: count, expired: count }),
  /** Of this and all earlier checkpoints of the shard: changes, and bytes of their files. */
  total: z.object({ records: count, bytes: count }),
  /** The times of its first and last record, in seconds since 1970. Absent without records. */
  times: z.object({ first: z.number(), last: z.number() }).optional(),
  /** The id of the key with which values in it are hashed; absent if none are. */
  hashKeyId: z.string().optional(),
  /**
   * The settings by which the pipeline's own mapping made the images: their `withheldId`, and the number of the first
   * checkpoint of the shard from which on all have been made by them. Absent in checkpoints of earlier versions, which count as
   * made by those of the next one that has it.
   */
  withheld: z.object({ id: z.string(), since: z.number().int().positive() }).optional(),
  /** When it was written, by S3's clock: no record in it is younger. ISO 8601, UTC. */
  writtenAt: z.string(),
});
export type LogCheckpoint = z.infer<typeof LogCheckpoint>;

/** Why a log is not complete. */
const GAP_REASONS = [
  'trimmed',
  'parent unknown',
  'stream replaced',
  'table recreated',
  'recovery disabled',
  'kind changed',
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** `gaps/<id>.json`: something was lost. It is never filled: a refresh starts behind it. */
export const Gap = z.object({
  version: z.literal(1),
  id: z.string(),
  reason: z.enum(GAP_REASONS),
  /** The shard that has a checkpoint with this gap, or lies behind it; absent if the whole log is replaced by another. */
  shard: z.string().optional(),
  /** For operators: what happened, and what it means. */
  message: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  noticedAt: z.string(),
});
export type Gap = z.infer<typeof Gap>;
