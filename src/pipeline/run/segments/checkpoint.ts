import { z } from 'zod';
import { Layout } from '../../columns/layout.ts';
import { PartFile } from '../../load/part-file.ts';
import { Cause } from '../../schema/cause.ts';
import { Seen } from '../../seen/seen.ts';
import { Cursor, withCursor } from './cursor.ts';

const count = z.number().int().nonnegative();

/** One S3 object of whole items, one JSON document per line: items that did not fit the layouts, or were set aside. */
export const ItemFile = z.object({ key: z.string(), etag: z.string(), items: count, bytes: count });
export type ItemFile = z.infer<typeof ItemFile>;

/**
 * `segments/<segment>/checkpoint-<number>.json`: everything that a segment wrote since the previous checkpoint, and where
 * reading resumes. It is written only if it does not exist, so that a segment has one history however many writers there
 * are. Without `cursor`, it is the segment's seal.
 */
export const CheckpointDocument = z.object({
  version: z.literal(2),
  run: z.string(),
  segment: z.number().int().nonnegative(),
  number: z.number().int().positive(),
  /** Random id of the activity execution that wrote it and its files. */
  attempt: z.string(),
  /** The previous checkpoint's `cursor`; absent in the first. */
  startedFrom: Cursor.optional(),
  /** Where reading resumes: what the segment's source says of its last page. */
  cursor: Cursor.optional(),
  pages: count,
  /** Sum of the pages' Count. */
  items: count,
  readUnits: z.number().nonnegative(),
  startedAt: z.string(),
  endedAt: z.string(),
  /** The layouts in force while these files were written. */
  layouts: z.record(z.string(), Layout),
  files: z.array(PartFile),
  odd: ItemFile.optional(),
  rejects: ItemFile.optional(),
  rejectReasons: z.record(z.string(), count),
  /** Items that do not meet the conditions of `where`. Absent if there are none, and in checkpoints of older versions. */
  filtered: count.optional(),
  /** What was seen in the items of this checkpoint, including odd ones but not rejected ones. */
  seen: Seen,
  /**
   * What was seen in its odd items, where the paths of a summarised table may be missing. The seal counts the values of
   * odd items when it encodes them. Absent if there are none, or if an earlier version wrote the checkpoint.
   */
  oddSeen: Seen.optional(),
  /** Items that will change the agreed schema. Absent if there are none, and in checkpoints of older versions. */
  causes: z.array(Cause).optional(),
});

export const Checkpoint = z.preprocess(withCursor, CheckpointDocument);
export type Checkpoint = z.infer<typeof CheckpointDocument>;

/** A checkpoint's files and figures: what remains once `seen` and `layouts` are merged with those of other checkpoints. */
export type CheckpointFigures = Omit<Checkpoint, 'seen' | 'oddSeen' | 'layouts' | 'causes'>;
