/**
 * The argument of `retrySegment`, a segment's number, and of `retryTable`, a table's name; or nothing for all failed
 * ones. `temporal` sends `null` where it is told nothing. What is neither is refused as an update, and leaves no trace
 * in the history.
 */

/** A segment's name among the children of a fan-out. */
export const nameOfSegment = (segment: number | null | undefined): string | undefined =>
  segment == null ? undefined : String(segment);

export const nameOfTable = (table: string | null | undefined): string | undefined => table ?? undefined;

/** @throws Error for what is neither a segment's number nor nothing. */
export function refuseNoNumber(segment?: number | null): void {
  if (segment != null && !(Number.isInteger(segment) && segment >= 0)) {
    throw new Error(
      `a segment's number is expected, or nothing for all failed ones; got ${JSON.stringify(segment)}`,
    );
  }
}

/** @throws Error for what is neither a table's name nor nothing. */
export function refuseNoName(table?: string | null): void {
  if (table != null && typeof table !== 'string') {
    throw new Error(
      `a table's name is expected, or nothing for all failed ones; got ${JSON.stringify(table)}`,
    );
  }
}
