import { z } from 'zod';
import { Layout } from '../columns/layout.ts';
import type { Item } from '../item/attribute.ts';
import { PartFile } from '../load/part-file.ts';
import { Seen } from '../seen/seen.ts';

const count = z.number().int().nonnegative();
/** Not a record: zod's would drop an attribute named `__proto__`. */
const key = z.custom<Item>((value) => typeof value === 'object' && value !== null);

/** One S3 object of whole items, a JSON document a line: those that did not fit a layout, or were set aside. */
export const ItemFile = z.object({ key: z.string(), etag: z.string(), items: count, bytes: count });
export type ItemFile = z.infer<typeof ItemFile>;

/**
 * `segments/<segment>/checkpoint-<number>.json`: all a segment wrote since the checkpoint before, and where its
 * scan goes on. Put only where no such checkpoint exists, so there is one history of a segment whoever writes
 * it. Without `lastEvaluatedKey` it is the segment's seal.
 */
export const Checkpoint = z.object({
  version: z.literal(1),
  run: z.string(),
  segment: z.number().int().nonnegative(),
  number: z.number().int().positive(),
  /** Random id of the activity execution that wrote it and its files. */
  attempt: z.string(),
  /** The checkpoint before's `lastEvaluatedKey`; none in the first. */
  startedFrom: key.optional(),
  lastEvaluatedKey: key.optional(),
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
  /** What the items of this checkpoint showed, odd ones too, rejected ones not. */
  seen: Seen,
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** A checkpoint's files and figures: what is left of it once what it saw and its layouts are merged with the others'. */
export type CheckpointFigures = Omit<Checkpoint, 'seen' | 'layouts'>;
