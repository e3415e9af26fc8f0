import type { Batch } from '../../pipeline/loader/loader-documents.ts';
import { findDocument } from '../document.ts';
import { batchDocument, claimBatch, type LoaderFiles, newestBatch } from './batch-files.ts';
import { finishPages } from './inbox.ts';

/**
 * Makes the batch of a replacement, once per load: an attempt that died after it had written the batch, and the one that
 * repeats it, have the same batch. Every number is read before the one after it is claimed, so of two attempts at once the
 * slower one finds the batch of the other.
 * @param after batches of the load are later than this one
 * @param make the batch with this number
 */
export async function claimReplacement(
  files: LoaderFiles,
  { load, after }: { readonly load: string; readonly after: number },
  make: (batch: number) => Promise<Batch>,
  signal: AbortSignal,
): Promise<Batch> {
  let scanned = after;
  for (;;) {
    const newest = await newestBatch(files, scanned, signal);
    let last: Batch | undefined;
    for (let number = Math.max(scanned, 1); number <= newest; number++) {
      last = await findDocument(batchDocument(files, number), signal);
      if (number > after && last?.load === load && last.replace !== undefined) return last;
    }
    scanned = newest;
    // As before every claim.
    if (last !== undefined) await finishPages(files, last, signal);
    const batch = await make(newest + 1);
    if (await claimBatch(files, batch, signal)) return batch;
  }
}
