/** A stream keeps a record for 24 hours. Half an hour is left for clocks, and for times that DynamoDB rounds. */
const KEPT_MS = 23.5 * 3600 * 1000;

/** What bounds the age of the records that a shard's reading begins with. Times in ISO 8601. */
export interface ShardBounds {
  /** When its parent was last seen to take records; it begins after that. */
  readonly parentOpenAt?: string | undefined;
  /** The time of its parent's last record. */
  readonly parentLastRecordAt?: string | undefined;
  /** The parent's own bound. */
  readonly parentSince?: string | undefined;
}

/** The latest of them: none of the shard's records is older. @param otherwise if nothing is known */
export function recordsSince(
  { parentOpenAt, parentLastRecordAt, parentSince }: ShardBounds,
  otherwise: string,
): string {
  const known = [parentOpenAt, parentLastRecordAt, parentSince].filter((time) => time !== undefined);
  return known.length === 0 ? otherwise : known.reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b));
}

/**
 * Whether records may already have been removed from a stream that is read from its oldest record. The stream does not
 * tell: it begins with what it has.
 * @param since no record that is needed is older. ISO 8601
 */
export const mayBeTrimmed = (since: string, nowMs: number): boolean => nowMs - Date.parse(since) > KEPT_MS;
