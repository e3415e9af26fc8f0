import { Terminal } from '../../clients/errors.ts';
import type { BatchRequestEnd } from '../../contract/loader/loader-activities.ts';
import { closeBatch } from '../../store/loader/close-batch.ts';
import { splitBatch as split } from '../../store/loader/split-batch.ts';
import { skipFiles } from '../load-batch/skip-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { loadedTable } from './loader-files.ts';
import { batchInfo } from './take-batch.ts';

/** What an operator asks for about a parked batch. */

/**
 * Closes a batch whose files are not to be loaded. Its files stay where they are. They enter the ledger first: what loads
 * the batch at the same time then finds them there, so a load and a skip never both win.
 */
export async function skipBatch(
  deps: Dependencies,
  { loader, batch, reason }: { readonly loader: string; readonly batch: number; readonly reason?: string },
): Promise<BatchRequestEnd> {
  return whileHeartbeating(
    () => `skipping batch ${batch}`,
    async (signal) => {
      const { files } = await loadedTable(deps, loader);
      if (await isLoaded(deps, { loader, batch }, signal))
        return { kind: 'closed before', outcome: 'loaded' };
      const at = new Date(deps.nowMs()).toISOString();
      const skipped = {
        version: 1,
        outcome: 'skipped',
        at,
        ...(reason === undefined ? {} : { reason }),
      } as const;
      const { outcome } = await closeBatch(files, batch, skipped, signal);
      return outcome === 'skipped' ? { kind: 'done' } : { kind: 'closed before', outcome };
    },
  );
}

/** Without a table that the loader may load into, there is no ledger either, and nothing to exclude. */
const NO_TARGET: ReadonlySet<string> = new Set(['TargetMissing', 'TargetUnfit', 'TargetRecreated']);

/** Enters the batch's files into the ledger as skipped, unless the batch is loaded. */
async function isLoaded(
  deps: Dependencies,
  at: { readonly loader: string; readonly batch: number },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await skipFiles(deps, at, signal);
    return false;
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
    if (error.code === 'BatchClosed') return true;
    if (NO_TARGET.has(error.code)) return false;
    throw error;
  }
}

/** Makes two batches of one. */
export async function splitBatch(
  deps: Dependencies,
  { loader, batch }: { readonly loader: string; readonly batch: number },
): Promise<BatchRequestEnd> {
  return whileHeartbeating(
    () => `splitting batch ${batch}`,
    async (signal) => {
      const { files } = await loadedTable(deps, loader);
      const end = await split(files, batch, () => deps.nowMs(), signal);
      return end.kind === 'split' ? { kind: 'done', into: end.into.map(batchInfo) } : end;
    },
  );
}
