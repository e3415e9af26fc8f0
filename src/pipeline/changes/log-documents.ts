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
  /** When the stream was enabled, by DynamoDB's clock; absent for exports. ISO 8601, UTC. */
  enabledAt: z.string().optional(),
  /**
   * The shards without a parent that the stream listed when the epoch was opened: the log begins with them. Any other shard
   * whose parent the log does not have is a gap.
   */
  roots: z.array(z.string()),
});
export type Epoch = z.infer<typeof Epoch>;

/** `shard.json`: a shard that the log has, or will have. */
export const LogShard = z.object({
  version: z.literal(1),
  shard: z.string(),
  /** The shard it was split from; absent for a root. */
  parent: z.string().optional(),
  /** By S3's clock. ISO 8601, UTC. */
  foundAt: z.string(),
});
export type LogShard = z.infer<typeof LogShard>;

/** `checkpoint-<number>.json`: what one cut of a shard wrote, and where reading resumes. */
export const LogCheckpoint = z.object({
  version: z.literal(1),
  shard: z.string(),
  number: z.number().int().positive(),
  /** Random id of the execution that wrote it and its file. */
  attempt: z.string(),
  /** Absent if the cut has no records: only the checkpoint that ends a shard may have none. */
  file: z.object({ key: z.string(), etag: z.string(), records: count, bytes: count }).optional(),
  /** Reading resumes after this sequence number. Absent if the shard had no record so far, and for exports. */
  after: z.string().optional(),
  /** The shard was read to its end: no checkpoint follows. */
  ended: z.boolean(),
  /** Changes by kind, with expired items among the removed ones. */
  counts: z.object({ inserted: count, modified: count, removed: count, expired: count }),
  /** The times of its first and last record, in seconds since 1970. Absent without records. */
  times: z.object({ first: z.number(), last: z.number() }).optional(),
  /** When it was written, by S3's clock: no record in it is younger. ISO 8601, UTC. */
  writtenAt: z.string(),
});
export type LogCheckpoint = z.infer<typeof LogCheckpoint>;

/** Why a log is not complete. */
export const GAP_REASONS = [
  'trimmed',
  'parent unknown',
  'stream replaced',
  'table recreated',
  'recovery disabled',
] as const;

/** `gaps/<id>.json`: something was lost. It is never filled: a refresh starts behind it. */
export const Gap = z.object({
  version: z.literal(1),
  id: z.string(),
  reason: z.enum(GAP_REASONS),
  /** The shard that cannot be read on; absent if the whole stream cannot. */
  shard: z.string().optional(),
  /** For operators: what happened, and what it means. */
  message: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  noticedAt: z.string(),
});
export type Gap = z.infer<typeof Gap>;
