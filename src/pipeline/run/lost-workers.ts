import { z } from 'zod';

/** How many workers an activity may lose in a row, without progress in between, before an operator must act. */
export const MAX_LOST_WORKERS = 5;

/**
 * What an activity's heartbeats carry from one attempt to the next, so that the workers it loses can be counted. A
 * worker is lost if its process dies or freezes: the attempt then ends without a report, and Temporal notices only that
 * its heartbeats stop. Temporal keeps the last stored heartbeat of such an attempt for the next one.
 */
export const WorkerLosses = z.object({
  /** Temporal's number of the attempt that sent this. */
  attempt: z.number().int().positive(),
  /** How long that attempt had been running. */
  seconds: z.number().nonnegative(),
  /** How far the work has come: a number that only progress increases, e.g. that of the last checkpoint. */
  reached: z.number().nonnegative(),
  /** Workers lost in a row since `reached` last increased. */
  lost: z.number().int().nonnegative(),
  /** The attempt is about to end by its own report: it failed, was cancelled, or its worker is shutting down. */
  ends: z.boolean().optional(),
});
export type WorkerLosses = z.infer<typeof WorkerLosses>;

/**
 * The count at the start of an attempt.
 * @param before from the last heartbeat that Temporal stored; undefined if there is none
 * @param limitSeconds how long an attempt may run. One that was still alive near this limit was ended by Temporal, so it
 *   did not lose its worker.
 */
export function lossesAtStart(
  before: WorkerLosses | undefined,
  attempt: number,
  limitSeconds: number,
): WorkerLosses {
  const fresh = { attempt, seconds: 0, reached: 0, lost: 0 };
  // Attempts are numbered from 1 again after an operator reset the activity.
  if (before === undefined || before.attempt >= attempt) return fresh;
  const isLost =
    before.attempt === attempt - 1 && before.ends !== true && before.seconds < 0.9 * limitSeconds;
  return { ...fresh, reached: before.reached, lost: before.lost + (isLost ? 1 : 0) };
}

/** The count once the work has come this far: any progress clears it. */
export function lossesAfter(losses: WorkerLosses, reached: number): WorkerLosses {
  return reached > losses.reached ? { ...losses, reached, lost: 0 } : losses;
}
