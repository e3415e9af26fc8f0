import { batchDirectory } from '../../pipeline/loader/loader-directory.ts';
import type { BatchClosed } from '../../pipeline/loader/loader-documents.ts';
import { anyWriter, claim } from '../claim.ts';
import { batchClosedDocument, type LoaderFiles, unmark } from './batch-files.ts';

/**
 * Records how a batch ended, once; then deletes what it no longer needs: its mark and its copies of files. The first
 * outcome counts: the ledger decides which files are loaded, so a batch that was skipped or split too late is only named
 * differently.
 * @returns the outcome, which may be an earlier one
 */
export async function closeBatch(
  files: LoaderFiles,
  batch: number,
  outcome: BatchClosed,
  signal: AbortSignal,
): Promise<BatchClosed> {
  const { value } = await claim(batchClosedDocument(files, batch), outcome, anyWriter, signal);
  await unmark(files, [batch], signal);
  await deleteCopies(files, batch, signal);
  return value;
}

const DELETED_AT_ONCE = 1000;

async function deleteCopies({ store, at }: LoaderFiles, batch: number, signal: AbortSignal): Promise<void> {
  let keys: string[] = [];
  const flush = async () => {
    if (keys.length > 0) await store.delete(keys, { signal });
    keys = [];
  };
  for await (const { key } of store.list(`${batchDirectory(at, batch)}files/`, { signal })) {
    if (keys.push(key) === DELETED_AT_ONCE) await flush();
  }
  await flush();
}
