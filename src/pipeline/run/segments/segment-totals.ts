import { z } from 'zod';
import { CheckpointDocument } from './checkpoint.ts';
import { withCursor } from './cursor.ts';

const count = z.number().int().nonnegative();

/** What a report reads of a checkpoint. It omits what was seen and `layouts`, which are nearly all of its bytes. */
export const CheckpointTotals = z.preprocess(
  withCursor,
  CheckpointDocument.omit({
    seen: true,
    oddSeen: true,
    layouts: true,
    startedFrom: true,
    cursor: true,
  }).extend({
    cursor: z.unknown().optional(),
  }),
);
export type CheckpointTotals = z.infer<typeof CheckpointTotals>;

/** The totals of a segment's checkpoints. */
export const SegmentTotals = z.object({
  segment: count,
  /** Whether it was scanned to its end. */
  ended: z.boolean(),
  checkpoints: count,
  pages: count,
  items: count,
  odd: count,
  rejects: count,
  filtered: count.optional(),
  files: count,
  /** Size of its part files, without the files of odd items, which are encoded at the seal. */
  bytes: count,
  rawBytes: count,
  readUnits: z.number().nonnegative(),
  /**
   * When it was worked on: one stretch per execution of the activity that wrote checkpoints, from the first one's
   * `startedAt` to the last one's `endedAt`.
   */
  stretches: z.array(z.object({ startedAt: z.string(), endedAt: z.string(), checkpoints: count })),
});
export type SegmentTotals = z.infer<typeof SegmentTotals>;

/** Adds up a segment's checkpoints. @param checkpoints all of the segment's, in order; none if it has not started */
export function segmentTotals(segment: number, checkpoints: readonly CheckpointTotals[]): SegmentTotals {
  const totals: SegmentTotals = {
    segment,
    ended: checkpoints.length > 0 && checkpoints.at(-1)?.cursor === undefined,
    checkpoints: checkpoints.length,
    pages: 0,
    items: 0,
    odd: 0,
    rejects: 0,
    files: 0,
    bytes: 0,
    rawBytes: 0,
    readUnits: 0,
    stretches: [],
  };
  let attempt: string | undefined;
  for (const checkpoint of checkpoints) {
    totals.pages += checkpoint.pages;
    totals.items += checkpoint.items;
    totals.odd += checkpoint.odd?.items ?? 0;
    totals.rejects += checkpoint.rejects?.items ?? 0;
    if (checkpoint.filtered !== undefined) totals.filtered = (totals.filtered ?? 0) + checkpoint.filtered;
    totals.files += checkpoint.files.length;
    totals.readUnits += checkpoint.readUnits;
    for (const file of checkpoint.files) {
      totals.bytes += file.bytes;
      totals.rawBytes += file.rawBytes;
    }
    const { startedAt, endedAt } = checkpoint;
    const stretch = totals.stretches.at(-1);
    if (stretch !== undefined && attempt === checkpoint.attempt) {
      stretch.endedAt = endedAt;
      stretch.checkpoints++;
    } else {
      totals.stretches.push({ startedAt, endedAt, checkpoints: 1 });
    }
    attempt = checkpoint.attempt;
  }
  return totals;
}

/** The seconds that a segment was worked on: the sum of its stretches. */
export const workedSeconds = ({ stretches }: Pick<SegmentTotals, 'stretches'>) =>
  stretches.reduce((sum, { startedAt, endedAt }) => sum + secondsBetween(startedAt, endedAt), 0);

/** The seconds from one ISO 8601 time to another; 0 if a clock went backwards. */
export const secondsBetween = (from: string, to: string) =>
  Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
