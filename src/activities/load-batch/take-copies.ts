import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import { copiedFileKey } from '../../pipeline/loader/loader-directory.ts';
import type { FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { BatchFile } from '../../pipeline/merge/batch-load.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { quotedEtag } from '../../store/loader/source-text.ts';
import type { OpenBatch } from './open-batch.ts';
import { outcomeOf } from './unloaded-files.ts';

const AT_ONCE = 16;

/**
 * Takes an append's files: copies each into the batch's folder if it still has its ETag, because COPY reads whatever a key
 * holds when it runs. The same file always gets the same key, so a repetition copies the same bytes over themselves.
 * @returns how each file is to be read, or why it cannot be loaded
 */
export async function takeCopies(
  open: OpenBatch,
  files: readonly SourceFile[],
  onFile: () => void,
): Promise<ReadonlyMap<SourceFile, BatchFile | FileOutcome>> {
  const taken = new Map<SourceFile, BatchFile | FileOutcome>();
  await forEachLimited(
    files,
    AT_ONCE,
    async (file, signal) => {
      taken.set(file, await takeCopy(open, file, signal));
      onFile();
    },
    open.signal,
  );
  return taken;
}

async function takeCopy(
  { store, at, batch, loaders }: OpenBatch,
  file: SourceFile,
  signal: AbortSignal,
): Promise<BatchFile | FileOutcome> {
  const { bucket, key, etag, bytes } = file;
  // COPY does not read an empty file.
  if (bytes === 0 || loaders[file.loader]?.source.immutableFiles) return { bucket, key, etag, bytes };
  const name = key.slice(key.lastIndexOf('/') + 1);
  const to = copiedFileKey(at, batch.batch, fingerprint(fileId(file), 16), name);
  const answer = await store.copy({ bucket, key, etag: quotedEtag(etag), bytes }, to, { signal });
  if (answer === 'missing') return outcomeOf(file, 'gone');
  if (answer === 'changed') return outcomeOf(file, 'overwritten');
  return { bucket, key, etag, bytes, copiedTo: { bucket: store.bucket, key: to } };
}
