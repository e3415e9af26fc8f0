import { z } from 'zod';

/** Parts of every segment that a sample reads whole. More would cost requests, fewer would read one corner. */
const PARTS_READ = 5;
/** DynamoDB's most segments of one scan. */
const MAX_TOTAL_SEGMENTS = 1_000_000;

/** `5%`, as people write it, or a share: more than nothing, at most everything. */
export const SampleText = z.string().refine((text) => shareOf(text) !== undefined, {
  error: 'a percentage above 0% and up to 100%, e.g. 5%',
});

/** `5%` → 0.05; undefined where it is no percentage above 0 and up to 100. */
export function shareOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  const share = match === null ? 0 : Number(match[1]) / 100;
  return share > 0 && share <= 1 ? share : undefined;
}

/** The parts of one segment that are read, and of how many: `part` of `parts`, both to be passed to the scan. */
export interface SampledParts {
  readonly parts: number;
  readonly read: readonly number[];
}

/**
 * Spreads a sample over a segment. A scan cannot jump, but it can be cut into more segments than are read: every
 * segment is cut into parts, and some of them, evenly spaced, are read to their end. So the sample costs its share
 * of the reads, and no corner of the table is left out by its place.
 * @param offset from 0 up to, but not, 1: shifts which parts are read, so that samples differ from week to week
 */
export function sampledParts(share: number, segments: number, offset: number): SampledParts {
  if (share >= 1) return { parts: 1, read: [0] };
  const most = Math.max(1, Math.floor(MAX_TOTAL_SEGMENTS / segments));
  const parts = Math.min(most, Math.max(1, Math.round(PARTS_READ / share)));
  const count = Math.max(1, Math.round(parts * share));
  const read = Array.from({ length: count }, (_, i) => Math.floor(((i + offset) * parts) / count));
  return { parts, read };
}
