/**
 * The windows of incremental exports: each begins where the one before it ended, so that no change is left out and none is
 * in two. The start of a window is inclusive, its end exclusive, both in whole seconds.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_IncrementalExportSpecification.html
 */

/** The longest window that DynamoDB exports. */
export const LONGEST_SECONDS = 24 * 3600;

/** In seconds since 1970. */
export interface ExportWindow {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** What DynamoDB can export, in seconds since 1970. */
interface Restorable {
  readonly earliest: number;
  /** About five minutes ago. */
  readonly latest: number;
}

type NextWindow =
  | ExportWindow
  /** It can be exported once the latest time that can be restored has reached `at`. */
  | { readonly early: true; readonly at: number };

/**
 * The window that follows the last one. If recovery was disabled in between, or reaches no further back, what changed before
 * `earliest` is not known: the window then ends there, and cannot be exported.
 * @param from where the last one ended, or where the first begins
 * @param every the usual length in seconds. After an outage, a window has all that can be exported, up to 24 hours
 */
export function nextWindow(from: number, every: number, { earliest, latest }: Restorable): NextWindow {
  if (from < earliest) return { from, to: Math.ceil(earliest) };
  const reached = Math.floor(latest);
  if (reached < from + every) return { early: true, at: from + every };
  return { from, to: Math.min(reached, from + LONGEST_SECONDS) };
}

/** Where the first window of a log begins: in whole seconds, and as early as everything can be exported up to now. */
export const firstStart = ({ earliest, latest }: Restorable): number =>
  Math.max(Math.ceil(earliest), Math.floor(latest));

const SHARD = /^export-(\d{12})$/;

/**
 * The shard of the log that a window is: ids sort by time. They do not have the window's end, so that of two workflows that
 * see other ends, one claims the window.
 */
export const windowShard = (from: number): string => `export-${String(from).padStart(12, '0')}`;

/** Where the window of a shard begins; undefined if the shard is one of a stream. */
export function windowStart(shard: string): number | undefined {
  const found = SHARD.exec(shard)?.[1];
  return found === undefined ? undefined : Number(found);
}
