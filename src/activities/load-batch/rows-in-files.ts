import type { ObjectStore } from '../../clients/object-store.ts';
import type { CopyGroup } from '../../pipeline/loader/copy-groups.ts';
import { bareEtag, fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { BatchFile } from '../../pipeline/merge/batch-load.ts';
import { type FileRow, sourceRows } from '../../store/loader/source-rows.ts';
import type { ReadFile } from '../../store/loader/source-text.ts';
import type { OpenBatch } from './open-batch.ts';

/** Where COPY read a file: the copy that an append took, or the file itself. */
export interface ReadableFile extends ReadFile {
  readonly store: ObjectStore;
  readonly file: SourceFile;
}

/** The files of a group as they were read. One that is gone or overwritten is left out. */
export async function readableFiles(
  open: OpenBatch,
  group: CopyGroup,
  read: readonly BatchFile[],
): Promise<ReadableFile[]> {
  const byId = new Map(read.map((file) => [fileId(file), file]));
  const readable: ReadableFile[] = [];
  for (const file of group.files) {
    const copy = byId.get(fileId(file))?.copiedTo;
    if (copy === undefined) {
      const { key, etag, bytes } = file;
      readable.push({ store: open.deps.store(file.bucket), file, key, etag, bytes });
      continue;
    }
    const head = await open.store.head(copy.key, { signal: open.signal });
    if (head === undefined) continue;
    readable.push({ store: open.store, file, key: copy.key, etag: bareEtag(head.etag), bytes: head.bytes });
  }
  return readable;
}

/** Its rows, in order. @throws SourceChanged */
export function rowsIn(group: CopyGroup, read: ReadableFile, signal: AbortSignal): AsyncGenerator<FileRow> {
  const { store, file, ...source } = read;
  return sourceRows(store, source, { ...group, originalKey: file.key }, signal);
}
