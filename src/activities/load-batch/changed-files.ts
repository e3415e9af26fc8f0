import type { FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { bareEtag, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { OpenLoader } from './open-batch.ts';
import { outcomeOf } from './unloaded-files.ts';

const AT_ONCE = 32;

/** Which of these files no longer are what was announced: overwritten, or gone. */
export async function changedFiles(open: OpenLoader, files: readonly SourceFile[]): Promise<FileOutcome[]> {
  const changed = new Map<SourceFile, FileOutcome>();
  await forEachLimited(
    files,
    AT_ONCE,
    async (file, signal) => {
      const head = await open.deps.store(file.bucket).head(file.key, { signal });
      if (head === undefined) changed.set(file, outcomeOf(file, 'gone'));
      else if (bareEtag(head.etag) !== file.etag) changed.set(file, outcomeOf(file, 'overwritten'));
    },
    open.signal,
  );
  return files.flatMap((file) => changed.get(file) ?? []);
}
