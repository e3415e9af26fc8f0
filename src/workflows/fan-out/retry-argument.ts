/**
 * The argument of `retrySegment` is a segment's number, that of `retryTable` a table's name, and that of `retryCheck` a check's; without one, all failed
 * children are retried. The `temporal` CLI sends `null` for a missing argument. An update with any other argument is
 * refused, and leaves no trace in the history.
 */

/** A segment's name among the children of a fan-out. */
export const nameOfSegment = (segment: number | null | undefined): string | undefined =>
  segment == null ? undefined : String(segment);

/** The name of a table or check among the children of a fan-out. */
export const nameOfPart = (name: string | null | undefined): string | undefined => name ?? undefined;

/** @throws Error for an argument that is not a segment's number. */
export function refuseNoNumber(segment?: number | null): void {
  if (segment != null && !(Number.isInteger(segment) && segment >= 0)) {
    throw new Error(
      `expected a segment's number, or nothing for all failed segments; got ${JSON.stringify(segment)}`,
    );
  }
}

/** @throws Error for an argument that is not a table's name. */
export const refuseNoName = (table?: string | null) => refuseOther(table, 'table');

/** @throws Error for an argument that is not a check's name. */
export const refuseNoCheck = (check?: string | null) => refuseOther(check, 'check');

function refuseOther(name: unknown, kind: 'table' | 'check'): void {
  if (name != null && typeof name !== 'string') {
    throw new Error(
      `expected a ${kind}'s name, or nothing for all failed ${kind}s; got ${JSON.stringify(name)}`,
    );
  }
}
