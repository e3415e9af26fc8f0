import { z } from 'zod';
import { Checkpoint } from './checkpoint.ts';

const count = z.number().int().nonnegative();

/** What a report reads of a checkpoint: not what was seen nor the layouts, which are nearly all of its bytes. */
export const CheckpointTotals = Checkpoint.omit({
  seen: true,
  layouts: true,
  startedFrom: true,
  lastEvaluatedKey: true,
}).extend({
  lastEvaluatedKey: z.unknown().optional(),
});
export type CheckpointTotals = z.infer<typeof CheckpointTotals>;

/** One segment's work, added up from its checkpoints. */
export const SegmentTotals = z.object({
  segment: count,
  /** Scanned to its end. */
  ended: z.boolean(),
  checkpoints: count,
  pages: count,
  items: count,
  odd: count,
  rejects: count,
  files: count,
  /** Of its part files; odd items' files, which are encoded again at the seal, are not in it. */
  bytes: count,
  rawBytes: count,
  readUnits: z.number().nonnegative(),
  /**
   * When it was worked on: the checkpoints that one execution of the activity put, from the first one's
   * startedAt to the last one's endedAt. More than one where another execution went on.
   */
  stretches: z.array(z.object({ startedAt: z.string(), endedAt: z.string(), checkpoints: count })),
});
export type SegmentTotals = z.infer<typeof SegmentTotals>;

/** @param checkpoints all of the segment's, the first first; none where it has not begun. */
export function segmentTotals(segment: number, checkpoints: readonly CheckpointTotals[]): SegmentTotals {
  const totals: SegmentTotals = {
    segment,
    ended: checkpoints.length > 0 && checkpoints.at(-1)?.lastEvaluatedKey === undefined,
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

/** Seconds that a segment was worked on: the sum of its stretches. */
export const workedSeconds = ({ stretches }: Pick<SegmentTotals, 'stretches'>) =>
  stretches.reduce((sum, { startedAt, endedAt }) => sum + secondsBetween(startedAt, endedAt), 0);

/** From one ISO 8601 time to another; 0 where a clock went backwards. */
export const secondsBetween = (from: string, to: string) =>
  Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
