import { z } from 'zod';
import { WorkerLosses } from './lost-workers.ts';

const count = z.number().nonnegative();

/**
 * What an activity waits for:
 * - `read rate`: the run's `readUnitsPerSecond`; nothing is wrong
 * - `slot`: one of the statements that the Data API runs at once
 * - `service`: an answer from S3, DynamoDB or the Data API
 * - `statement`: a statement that Redshift has not started
 * - `lock`: a lock that another transaction holds
 */
const WAIT_KINDS = ['read rate', 'slot', 'service', 'statement', 'lock'] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

/**
 * The details of an activity's heartbeat, which the Web UI shows for a pending activity. For operators alone: no work
 * resumes from them, and only `worker` decides anything.
 */
export const StepProgress = z.object({
  /** What it is doing, in words. */
  doing: z.string().optional(),
  /** The last checkpoint of a segment. */
  checkpoint: count.optional(),
  /** Items read, or rows loaded, by this and earlier attempts. */
  items: count.optional(),
  /** Compressed bytes written, or loaded. */
  bytes: count.optional(),
  readUnits: count.optional(),
  /** Over the last half minute. */
  perSecond: z.object({ items: count, readUnits: count }).optional(),
  /** Of a shard's reader: the age of the last change read, 0 if it is at the end; and the attempts refused because of limits. */
  stream: z.object({ ageSeconds: count, limitHits: count }).optional(),
  waiting: z.object({ for: z.enum(WAIT_KINDS), why: z.string(), since: z.string() }).optional(),
  worker: WorkerLosses.optional(),
});
export type StepProgress = z.infer<typeof StepProgress>;

/** The details of a heartbeat, whichever version sent it: unknown ones are dropped. */
export function stepProgressOf(details: unknown): StepProgress {
  if (typeof details === 'string') return { doing: details };
  return StepProgress.safeParse(details).data ?? {};
}
