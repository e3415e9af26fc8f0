import type { WarehouseDefinition } from './pipeline-definition.ts';

const DEFAULT_SECONDS = 10;
/** How often the swap tries to lock the live tables. */
const TRIES = 3;

/**
 * How long a swap that locks no tables waits for a lock at a time. It still has to drop bound views, and to lock the
 * marker. Long enough for Redshift to drop the views, and to be asked what blocks that.
 */
const SHORT_SECONDS = 2;

/** How a swap treats the statements that are reading the live tables. */
export type ReaderWait =
  /** It locks them, and waits as long as its time limit. */
  | { readonly kind: 'patient' }
  /** It tries to lock them at most this often, which may be never, and then swaps without that lock. No wait is longer. */
  | { readonly kind: 'bounded'; readonly seconds: number; readonly tries: number };

/** The wait that a definition asks for, in its newer or older form. */
export function readerWait({
  waitForReaders,
  waitForReadersSeconds,
}: Pick<WarehouseDefinition, 'waitForReaders' | 'waitForReadersSeconds'>): ReaderWait {
  if (waitForReaders === true) return { kind: 'patient' };
  const seconds = waitForReaders === false ? 0 : (waitForReadersSeconds ?? DEFAULT_SECONDS);
  return seconds === 0
    ? { kind: 'bounded', seconds: SHORT_SECONDS, tries: 0 }
    : { kind: 'bounded', seconds, tries: TRIES };
}

/** What one try of a swap locks in addition to what it must, and how long it waits for each lock. */
export interface ReaderLocks {
  /** It locks the live tables. */
  readonly waitForReaders: boolean;
  /** Undefined: as long as the time limit. */
  readonly lockSeconds?: number;
}

/**
 * The locks of a try. All tries together take as long as the time limit, and a few seconds: those that lock the live tables
 * end with it, and after it comes at least one that does not.
 * @param cancelled how many tries were cancelled before
 * @param leftSeconds of the time limit of all tries; less than 0 once it has passed
 */
export function locksOfTry(wait: ReaderWait, cancelled: number, leftSeconds: number): ReaderLocks {
  if (wait.kind === 'patient') return { waitForReaders: true };
  return {
    waitForReaders: cancelled < wait.tries && leftSeconds > 0,
    lockSeconds: Math.min(wait.seconds, Math.max(SHORT_SECONDS, Math.ceil(leftSeconds))),
  };
}
