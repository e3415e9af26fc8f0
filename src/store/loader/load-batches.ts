import { inboxDirectory, loadOfPage } from '../../pipeline/loader/loader-directory.ts';
import type { Batch } from '../../pipeline/loader/loader-documents.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { batchDocument, type LoaderFiles, newestBatch } from './batch-files.ts';

/** The batches and inbox pages of one bulk load. */

const READ_AT_ONCE = 8;

/** Batches of the load after this one. @returns them in order, and the newest batch of all */
export async function batchesOfLoad(
  files: LoaderFiles,
  load: string,
  after: number,
  signal: AbortSignal,
): Promise<{ readonly newest: number; readonly batches: readonly Batch[] }> {
  const newest = await newestBatch(files, after, signal);
  const numbers = Array.from({ length: newest - after }, (_, i) => after + 1 + i);
  const batches: Batch[] = [];
  await forEachLimited(
    numbers,
    READ_AT_ONCE,
    async (number, ended) => {
      const batch = await findDocument(batchDocument(files, number), ended);
      if (batch?.load === load) batches.push({ ...batch, files: [], supersededFiles: [] });
    },
    signal,
  );
  return { newest, batches: batches.sort((a, b) => a.batch - b.batch) };
}

/** Keys of the load's pages that wait in the inbox. */
export async function pagesOfLoad(
  { store, at }: LoaderFiles,
  load: string,
  signal: AbortSignal,
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(inboxDirectory(at), { signal })) {
    if (loadOfPage(key)?.load === load) keys.push(key);
  }
  return keys;
}
