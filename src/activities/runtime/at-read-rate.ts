import { Pace, type TableSize } from './pace.ts';
import type { RunReadRate, SegmentContext } from './segment-context.ts';

interface SegmentRate extends Omit<RunReadRate, 'unitsPerSecond'> {
  /** Undefined: no limit. */
  readonly unitsPerSecond: number | undefined;
  readonly size?: TableSize;
}

/** The pace of a segment's pages: its part of the run's read rate. Undefined if there is no limit. */
export async function atReadRate(
  { activity, stopping, waits }: Pick<SegmentContext, 'activity' | 'stopping' | 'waits'>,
  { run, unitsPerSecond, size, atMost }: SegmentRate,
): Promise<Pace | undefined> {
  if (unitsPerSecond === undefined) return undefined;
  await activity.joinReadRate({ run, unitsPerSecond, atMost });
  const budget = {
    take: (units: number) => activity.takeUnits(units),
    correct: (more: number) => activity.correctUnits(more),
  };
  return new Pace(budget, unitsPerSecond, waits, { size, stopping });
}
