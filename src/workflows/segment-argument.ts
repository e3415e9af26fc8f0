/** The argument of the update and signal `retrySegment`: a segment's number, or nothing for all failed ones. */

/** A child's name among those of a fan-out. `temporal` sends `null` where it is told nothing. */
export const nameOfSegment = (segment: number | null | undefined): string | undefined =>
  segment == null ? undefined : String(segment);

/** @throws Error for what is neither: the update is refused, and leaves no trace in the history. */
export function refuseNoNumber(segment?: number | null): void {
  if (segment != null && !(Number.isInteger(segment) && segment >= 0)) {
    throw new Error(
      `a segment's number is expected, or nothing for all failed ones; got ${JSON.stringify(segment)}`,
    );
  }
}
