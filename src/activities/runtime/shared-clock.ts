import type { CallOptions } from '../../clients/object-store.ts';
import type { Dependencies } from './dependencies.ts';

/** S3 states its time in whole seconds. */
const SECOND_MS = 1000;

/**
 * The time by S3's clock, which all workers share: whatever orders runs or judges an age across hosts uses it. This
 * host's clock only adds the milliseconds, and only if it agrees with S3's second.
 */
export async function sharedTime(
  { bucketMaintenance, nowMs }: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  bucket: string,
  options: CallOptions = {},
): Promise<Date> {
  const beforeMs = nowMs();
  const time = await bucketMaintenance(bucket).time(options);
  return new Date(refined(time.getTime(), beforeMs, nowMs()));
}

/**
 * The latest time within the second `secondMs` that is not after `afterMs`.
 * @param secondMs a service's time, read between `beforeMs` and `afterMs` by this host's clock
 * @returns `secondMs` itself if that clock was outside the second all the time; but the second's end if it was the next
 *   second for it: a server that sets its clock's text once a second states the last one for a while, and a time before
 *   those that were read earlier in that second would reorder them
 */
export function refined(secondMs: number, beforeMs: number, afterMs: number): number {
  const lastMs = secondMs + SECOND_MS - 1;
  const isOtherClock = beforeMs > lastMs + SECOND_MS || afterMs < secondMs;
  return isOtherClock ? secondMs : Math.min(afterMs, lastMs);
}
