import { z } from 'zod';
import { shareOf } from './share.ts';

/** How many parts of each segment a sample reads completely. More cost requests; fewer spread the sample less. */
const PARTS_READ = 5;
/** DynamoDB's limit on TotalSegments of a Scan. */
const MAX_TOTAL_SEGMENTS = 1_000_000;

/** A percentage as users write it, e.g. `5%`: above 0% and up to 100%. */
export const SampleText = z.string().refine((text) => shareOf(text) !== undefined, {
  error: 'a percentage above 0% and up to 100%, e.g. 5%',
});

/** Into how many parts each segment is divided, and the numbers (0-based) of those that are read. */
export interface SampledParts {
  readonly parts: number;
  readonly read: readonly number[];
}

/**
 * Spreads a sample over a segment. A scan cannot skip items, but it can be divided into more segments than are read.
 * So every segment is divided into parts, and evenly spaced ones are read completely. The sample costs only its share
 * of the reads and covers every region of the table.
 * @param share above 0, at most 1
 * @param offset from 0 up to, but not including, 1: shifts which parts are read, so that samples differ over time
 */
export function sampledParts(share: number, segments: number, offset: number): SampledParts {
  if (share >= 1) return { parts: 1, read: [0] };
  const most = Math.max(1, Math.floor(MAX_TOTAL_SEGMENTS / segments));
  const parts = Math.min(most, Math.max(1, Math.round(PARTS_READ / share)));
  const count = Math.max(1, Math.round(parts * share));
  const read = Array.from({ length: count }, (_, i) => Math.floor(((i + offset) * parts) / count));
  return { parts, read };
}
