import { z } from 'zod';

/**
 * A position in a segment, as JSON. Only the segment's source knows what it means: of a scan, it is the key of the last
 * item that was read.
 *
 * Not `z.record`, which would drop an attribute named `__proto__` from a key.
 */
export const Cursor = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null,
);
export type Cursor = z.infer<typeof Cursor>;

/** A checkpoint in the form of version 2. In version 1, only scans were read, and `cursor` was `lastEvaluatedKey`. */
export function withCursor(checkpoint: unknown): unknown {
  if (typeof checkpoint !== 'object' || checkpoint === null) return checkpoint;
  const { version, lastEvaluatedKey, ...others } = checkpoint as Record<string, unknown>;
  if (version !== 1) return checkpoint;
  return { ...others, version: 2, ...(lastEvaluatedKey === undefined ? {} : { cursor: lastEvaluatedKey }) };
}
