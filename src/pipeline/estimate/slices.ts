/**
 * Counts a table that DynamoDB has not counted yet, from evenly spaced slices of it. A scan can be divided into more
 * segments than are read, and a slice is one of them. The finest division comes first; as long as its slices hold too
 * few items to judge by, the next one is coarser.
 */

/** DynamoDB's limit on TotalSegments of a Scan. */
const FINEST = 1_000_000;
const COARSER = 4;
/** Slices that are read of each division. */
export const SLICES = 16;
/** So many items in the slices are enough: if keys are spread evenly, the count is then within about 5%. */
export const ENOUGH_ITEMS = 400;
/** A slice with more pages than this holds far more than its share: the keys are too uneven to count so. */
export const MOST_PAGES_PER_SLICE = 8;

/** The divisions to try, as numbers of segments: finer than a run's own, because its sample has read from those. */
export function divisions(segments: number): number[] {
  const all: number[] = [];
  for (let of = FINEST; of > Math.max(SLICES, segments); of = Math.floor(of / COARSER)) all.push(of);
  return all;
}

/** The numbers of the slices to read. */
export const slicesOf = (division: number): number[] =>
  Array.from({ length: SLICES }, (_, i) => Math.floor(((i + 0.5) * division) / SLICES));

interface Counted {
  readonly items: number;
  readonly bytes: number;
}

/** The whole table, if its slices hold so much. */
export const wholeFrom = (division: number, slices: Counted): Counted => ({
  items: Math.round((slices.items * division) / SLICES),
  bytes: Math.round((slices.bytes * division) / SLICES),
});
