import type { WarehouseDefinition } from './pipeline-definition.ts';

const DEFAULT_SECONDS = 10;
/** How often the swap tries to lock the live tables. */
const TRIES = 3;

/** How a swap treats the statements that are reading the live tables. */
export type ReaderWait =
  /** It does not lock the tables. */
  | { readonly kind: 'none' }
  /** It locks them, and waits as long as its time limit. */
  | { readonly kind: 'patient' }
  /** It tries to lock them this often, and then swaps without a lock. */
  | { readonly kind: 'bounded'; readonly seconds: number; readonly tries: number };

/** The wait that a definition asks for, in its newer or older form. */
export function readerWait({
  waitForReaders,
  waitForReadersSeconds,
}: Pick<WarehouseDefinition, 'waitForReaders' | 'waitForReadersSeconds'>): ReaderWait {
  if (waitForReaders === true) return { kind: 'patient' };
  const seconds = waitForReaders === false ? 0 : (waitForReadersSeconds ?? DEFAULT_SECONDS);
  return seconds === 0 ? { kind: 'none' } : { kind: 'bounded', seconds, tries: TRIES };
}
