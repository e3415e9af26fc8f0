import { log } from '@temporalio/activity';
import type { Target } from '../../pipeline/merge/target.ts';
import { forgetOlder } from '../../pipeline/merge/transaction.ts';
import type { OpenLoader } from './open-batch.ts';
import { nameOf, runAgain } from './prepare-target.ts';

/** How many batches apart the ledger and the tombstones are pruned: each time costs a DELETE and a lock. */
const EVERY = 100;
/** Files of exactly `ledgerDays` are still looked up by a batch that runs at the same time. */
const MARGIN_DAYS = 1;

/**
 * Removes files older than `ledgerDays` from the ledger, which are never loaded unasked, and tombstones older than
 * `tombstoneDays`. Nothing depends on it, so a failure is only logged.
 */
export async function forgetOlderSometimes(open: OpenLoader, target: Target, batch: number): Promise<void> {
  if (batch % EVERY !== 0) return;
  const { ledgerDays, tombstoneDays, merge } = open.definition;
  try {
    await runAgain(
      open,
      `prune ledger of ${nameOf(open)}`,
      forgetOlder(target, 'files', ledgerDays + MARGIN_DAYS),
    );
    if (tombstoneDays === undefined || merge === undefined) return;
    await runAgain(
      open,
      `prune tombstones of ${nameOf(open)}`,
      forgetOlder(target, 'tombstones', tombstoneDays),
    );
  } catch (error) {
    open.signal.throwIfAborted();
    log.warn('the ledger could not be pruned', { table: nameOf(open), error: String(error) });
  }
}
