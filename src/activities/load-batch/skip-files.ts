import { Terminal } from '../../clients/errors.ts';
import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import { batchManifestKey } from '../../pipeline/loader/loader-directory.ts';
import { fileId } from '../../pipeline/loader/source-file.ts';
import type { BatchFile } from '../../pipeline/merge/batch-load.ts';
import { fileListBody, needsFileList } from '../../pipeline/merge/file-list.ts';
import { recordFiles } from '../../pipeline/merge/transaction.ts';
import { sqlOf } from '../../pipeline/sql/guarded-statement.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { GuardFailed, runLongTransaction } from '../sql/transaction.ts';
import { openBatch } from './open-batch.ts';
import { nameOf, prepareTarget } from './prepare-target.ts';
import { unloadedFiles } from './unloaded-files.ts';

const MAX_SURPRISES = 10;

/**
 * Enters the files of a batch into the ledger as skipped, before the batch is closed: whatever loads it at the same time
 * then finds its files there and loads none of them. The ledger decides, so a load and a skip never both win.
 * @throws Terminal `BatchClosed` if the batch is loaded
 */
export async function skipFiles(
  deps: Dependencies,
  input: { readonly loader: string; readonly batch: number },
  signal: AbortSignal,
): Promise<void> {
  const open = await openBatch(deps, input, signal);
  for (let surprises = 0; surprises < MAX_SURPRISES; surprises++) {
    const { target, version } = await prepareTarget(open, async () => []);
    const { committed, files } = await unloadedFiles(open, target);
    if (committed !== undefined) {
      throw new Terminal(
        'BatchClosed',
        `Batch ${input.batch} of ${nameOf(open)} is loaded, so it cannot be skipped.`,
      );
    }
    if (files.length === 0) return;
    const skipped = files.map(({ bucket, key, etag, bytes }): BatchFile => ({ bucket, key, etag, bytes }));
    const lists = { files: [], skipped };
    let fileListKey: string | undefined;
    if (needsFileList(lists)) {
      const name = `skipped-${fingerprint(files.map(fileId).join(), 16)}.csv`;
      fileListKey = batchManifestKey(open.at, input.batch, name);
      await open.store.put(fileListKey, fileListBody(lists), { signal });
    }
    const { iamRole, region } = open.definition.target;
    const load = {
      ...{ target, batch: input.batch, version, tableId: target.tableId },
      ...{ bucket: open.store.bucket, fileListKey, iamRole, region },
    };
    try {
      const name = `tributary skip batch ${input.batch} of ${nameOf(open)}`;
      const statements = sqlOf(recordFiles(load, { skipped }));
      await runLongTransaction(
        open.database,
        { name, scope: nameOf(open), statements, watch: open.watch },
        signal,
      );
      return;
    } catch (error) {
      if (!(error instanceof GuardFailed)) throw error;
    }
  }
  throw new Terminal(
    'LoadContended',
    `${nameOf(open)} changed ${MAX_SURPRISES} times while batch ${input.batch} was being skipped. Try again when the ` +
      'process that loads it has ended.',
  );
}
