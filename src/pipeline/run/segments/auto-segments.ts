const BYTES_PER_SEGMENT = 256 * 1024 * 1024;
const LEAST = 4;
const MOST = 1024;
/** With more segments than this, a few more make them only slightly smaller. */
const MANY = 32;

/**
 * The number of segments that `auto` means: one per 256 MB, in fours, or in sixteens if they are many. Most segments write
 * one file per layout, and COPY divides the files evenly among the slices if their number is a multiple of the slices';
 * Redshift's nodes have two, four or sixteen.
 */
export function autoSegments(tableBytes: number): number {
  const bySize = Math.ceil(tableBytes / BYTES_PER_SEGMENT);
  const step = bySize <= MANY ? 4 : 16;
  return Math.min(MOST, Math.max(LEAST, Math.ceil(bySize / step) * step));
}
