import {
  type SegmentTotals,
  secondsBetween,
  workedSeconds,
} from '../pipeline/run/segments/segment-totals.ts';

export interface Skew {
  /** Segments that were worked on, slowest first. */
  readonly slowest: readonly { readonly segment: SegmentTotals; readonly seconds: number }[];
  readonly medianSeconds: number;
  readonly slowestSeconds: number;
  readonly fewestItems: number;
  readonly medianItems: number;
  readonly mostItems: number;
  /** When the first segment started, and the seconds until the last one ended. */
  readonly from: string;
  readonly wallSeconds: number;
}

/** How evenly the work was distributed over the segments. Undefined if none was worked on. */
export function skewOf(segments: readonly SegmentTotals[]): Skew | undefined {
  const begun = segments.filter(({ stretches }) => stretches.length > 0);
  if (begun.length === 0) return undefined;
  const slowest = begun
    .map((segment) => ({ segment, seconds: workedSeconds(segment) }))
    .sort((a, b) => b.seconds - a.seconds || a.segment.segment - b.segment.segment);
  const items = begun.map((segment) => segment.items).sort((a, b) => a - b);
  const stretches = begun.flatMap((segment) => segment.stretches);
  const from = stretches.map(({ startedAt }) => startedAt).reduce((a, b) => (b < a ? b : a));
  const to = stretches.map(({ endedAt }) => endedAt).reduce((a, b) => (b > a ? b : a));
  return {
    slowest,
    medianSeconds: median(slowest.map(({ seconds }) => seconds)),
    slowestSeconds: slowest[0]?.seconds ?? 0,
    fewestItems: items[0] ?? 0,
    medianItems: median(items),
    mostItems: items.at(-1) ?? 0,
    from,
    wallSeconds: secondsBetween(from, to),
  };
}

/** The middle number, or the mean of the two middle ones; 0 without numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length === 0
    ? 0
    : ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle) - 1] ?? (sorted[0] as number))) / 2;
}
