import { fingerprint } from '../item/fingerprint.ts';

/**
 * The windows of incremental exports: each begins where the one before it ended, so that no change is left out and none is
 * in two. The start of a window is inclusive, its end exclusive, both in whole seconds.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_IncrementalExportSpecification.html
 */

/** The longest window that DynamoDB exports. */
const LONGEST_SECONDS = 24 * 3600;

/** In seconds since 1970. */
export interface ExportWindow {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** What DynamoDB can export, in seconds since 1970. */
export interface Restorable {
  readonly earliest: number;
  /** About five minutes ago. */
  readonly latest: number;
}

/**
 * The window that follows the last one.
 * @param from where the last one ended, or where the first begins
 * @param every the usual length in seconds. After an outage, a window has all that can be exported, up to 24 hours
 * @returns `lost` if recovery was disabled in between: what changed before `earliest` is not known. `early`: it can be
 *   exported once the latest time that can be restored has reached `at`
 */
export function nextWindow(
  from: number,
  every: number,
  { earliest, latest }: Restorable,
): ExportWindow | { readonly early: true; readonly at: number } | 'lost' {
  if (from < earliest) return 'lost';
  const reached = Math.floor(latest);
  if (reached < from + every) return { early: true, at: from + every };
  return { from, to: Math.min(reached, from + LONGEST_SECONDS) };
}

/** The shard of the log that a window is: ids sort by time. */
export const windowShard = ({ from, to }: ExportWindow): string =>
  `export-${String(from).padStart(12, '0')}-${String(to).padStart(12, '0')}`;

/**
 * The client token of a window's export. DynamoDB returns the same export for a token for 8 hours, even one that failed, so
 * each try of a window has its own.
 * @param tried how many exports of the window failed before
 */
export const windowToken = (epoch: string, window: ExportWindow, tried: number): string =>
  fingerprint(`${epoch}/${windowShard(window)}/${tried}`, 32);
