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
  /** It tries to lock them this often, which may be never, and then swaps without that lock. No wait is longer. */
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
