/**
 * The argument of `retrySegment` is a segment's number, and that of `retryTable` a table's name; without one, all failed
 * children are retried. The `temporal` CLI sends `null` for a missing argument. An update with any other argument is
 * refused, and leaves no trace in the history.
 */

/** A segment's name among the children of a fan-out. */
export const nameOfSegment = (segment: number | null | undefined): string | undefined =>
  segment == null ? undefined : String(segment);

export const nameOfTable = (table: string | null | undefined): string | undefined => table ?? undefined;

/** @throws Error for an argument that is not a segment's number. */
export function refuseNoNumber(segment?: number | null): void {
  if (segment != null && !(Number.isInteger(segment) && segment >= 0)) {
    throw new Error(
      `expected a segment's number, or nothing for all failed segments; got ${JSON.stringify(segment)}`,
    );
  }
}

/** @throws Error for an argument that is not a table's name. */
export function refuseNoName(table?: string | null): void {
  if (table != null && typeof table !== 'string') {
    throw new Error(
      `expected a table's name, or nothing for all failed tables; got ${JSON.stringify(table)}`,
    );
  }
}
