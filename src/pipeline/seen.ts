import { z } from 'zod';

/**
 * What extraction saw: the shape (kinds, longest, widest) from which the DDL is made, and the counts by which
 * the load is proved. Shapes join: associative, commutative and idempotent. Counts add: every checkpoint is
 * added exactly once, which its number in the run directory guarantees.
 */

const count = z.number().int().nonnegative();

/** The text of a string: what decides between VARCHAR, DATE and TIMESTAMPTZ. */
export const TextForm = z.enum(['date', 'timestamp', 'other']);
export type TextForm = z.infer<typeof TextForm>;

/** The scalars seen at one path that went into the column itself (not into its `__bytes`). */
export const ScalarSeen = z.object({
  kinds: z.array(z.enum(['S', 'N', 'B', 'BOOL'])).readonly(),
  textForms: z.array(TextForm).readonly(),
  /** Longest text in UTF-8 bytes, as written to the part file before CSV quoting. */
  maxBytes: count,
  /** Most digits before and after the point among numbers written without exponent. */
  maxIntegerDigits: count,
  maxScale: count,
  /** Every number so far is an integer that fits 64 bits. */
  allInt64: z.boolean(),
  /** Some number does not fit 38 digits and was written with its exponent. */
  hasExponent: z.boolean(),
  /** Count: cells that are not NULL. */
  values: count,
  /** Count: sum of their texts' UTF-8 bytes. */
  textBytes: count,
});
export type ScalarSeen = z.infer<typeof ScalarSeen>;

/** The strings seen at one path that VARCHAR cannot hold, kept as their UTF-8 bytes. */
export const BytesSeen = z.object({ maxBytes: count, values: count });
export type BytesSeen = z.infer<typeof BytesSeen>;

/** The lists and sets seen at one path; `members` is the sum of their lengths. */
export const CountSeen = z.object({ values: count, members: count });
export type CountSeen = z.infer<typeof CountSeen>;

export const TableSeen = z.object({
  rows: count,
  scalars: z.record(z.string(), ScalarSeen),
  bytes: z.record(z.string(), BytesSeen),
  counts: z.record(z.string(), CountSeen),
});
export type TableSeen = z.infer<typeof TableSeen>;

/** By table path; the root table's path is the empty text and its rows are the items. */
export const Seen = z.object({ tables: z.record(z.string(), TableSeen) });
export type Seen = z.infer<typeof Seen>;
