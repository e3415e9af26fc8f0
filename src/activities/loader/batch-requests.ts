import type { BatchRequestEnd } from '../../contract/loader-activities.ts';
import { closeBatch } from '../../store/loader/batch-files.ts';
import { splitBatch as split } from '../../store/loader/split-batch.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { loadedTable } from './loader-files.ts';
import { batchInfo } from './take-batch.ts';

/** What an operator asks for about a parked batch. */

/** Closes a batch whose files are not to be loaded. Its files stay where they are. */
export async function skipBatch(
  deps: Dependencies,
  { loader, batch, reason }: { readonly loader: string; readonly batch: number; readonly reason?: string },
): Promise<BatchRequestEnd> {
  return whileHeartbeating(
    () => `skipping batch ${batch}`,
    async (signal) => {
      const { files } = await loadedTable(deps, loader);
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
