/**
 * The keys of a history: every change of a table, once, in files by day. The one place for the grammar.
 *
 *     <prefix>/date=2026-11-30/<pipeline>-<epoch>-<shard>-00000012.jsonl.gz   changes of one day and one checkpoint   (If-None-Match)
 *             /_gaps/<pipeline>-<epoch>-<id>.json                             changes that were lost
 *             /_cursor/<pipeline>/<epoch>/<shard>/00000012[-ended]            all up to this checkpoint is written
 *
 * A file's key follows from what is in it, so whatever is written again is the same file. The highest number of a shard is
 * its cursor: it is written after the files. Readers of partitioned folders leave out what begins with `_`.
 */
export interface HistoryLocation {
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly pipeline: string;
}

/** What of a shard is written. */
export interface HistoryCursor {
  readonly epoch: string;
  readonly shard: string;
  /** The last checkpoint. */
  readonly number: number;
  /** It ends the shard. */
  readonly ended: boolean;
}

const digits = (n: number) => String(n).padStart(8, '0');

/** @param day of the changes in it, as `dayOf` has it */
export const historyKey = (
  { prefix, pipeline }: HistoryLocation,
  day: string,
  { epoch, shard, number }: Omit<HistoryCursor, 'ended'>,
) => `${prefix}/date=${day}/${pipeline}-${epoch}-${shard}-${digits(number)}.jsonl.gz`;

export const historyGapKey = ({ prefix, pipeline }: HistoryLocation, epoch: string, gap: string) =>
  `${prefix}/_gaps/${pipeline}-${epoch}-${gap}.json`;

/** What the keys of all cursors begin with. */
export const allCursorsDirectory = ({ prefix, pipeline }: HistoryLocation) =>
  `${prefix}/_cursor/${pipeline}/`;

/** What the keys of all cursors of an epoch begin with. */
export const cursorsDirectory = (at: HistoryLocation, epoch: string) => `${allCursorsDirectory(at)}${epoch}/`;

export const cursorKey = (at: HistoryLocation, { epoch, shard, number, ended }: HistoryCursor) =>
  `${cursorsDirectory(at, epoch)}${shard}/${digits(number)}${ended ? '-ended' : ''}`;

/** The cursor with this key; undefined for any other object. */
export function cursorOf(key: string): HistoryCursor | undefined {
  const found = /\/_cursor\/[^/]+\/([^/]+)\/([^/]+)\/(\d{8})(-ended)?$/.exec(key);
  if (found === null) return undefined;
  const [, epoch = '', shard = '', number, ended] = found;
  return { epoch, shard, number: Number(number), ended: ended !== undefined };
}

/** The day of a change, in UTC: `2026-11-30`. @param at in seconds since 1970 */
export const dayOf = (at: number) => new Date(at * 1000).toISOString().slice(0, 10);
