import type { FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { addressOf, fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { LoaderFiles } from '../../store/loader/batch-files.ts';
import { listInbox, readPages } from '../../store/loader/inbox.ts';
import type { FileState } from './file-states.ts';
import { batchNumbers, readBatch, readBatches, type StoredBatch } from './stored-batches.ts';

export interface StoredFile extends SourceFile {
  readonly state: FileState;
  /** The batch that has it. Absent while it waits. */
  readonly batch?: number;
}

export interface WantedFiles {
  /** Only those of this batch. */
  readonly batch?: number | undefined;
  readonly state?: FileState | undefined;
  /** Only files whose address (`s3://bucket/key`) contains this. */
  readonly containing?: string | undefined;
}

/**
 * The files of a loader as S3 has them: those that wait, the oldest first; then those of its batches, the newest batch
 * first. A split batch's files are listed with its parts.
 */
export async function* storedFiles(
  files: LoaderFiles,
  { batch, state, containing }: WantedFiles,
  signal: AbortSignal,
): AsyncGenerator<StoredFile> {
  const isWanted = (file: StoredFile) =>
    (state === undefined || file.state === state) &&
    (containing === undefined || addressOf(file).includes(containing));
  if (batch !== undefined) {
    const found = await readBatch(files, batch, signal);
    if (found !== undefined) yield* filesOfBatch(found).filter(isWanted);
    return;
  }
  if (state === undefined || state === 'waiting') {
    const { pages } = await listInbox(files, signal);
    for await (const some of readPages(files, pages, signal)) {
      for (const page of some) {
        yield* page.files.map((file): StoredFile => ({ ...file, state: 'waiting' })).filter(isWanted);
      }
    }
  }
  if (state === 'waiting') return;
  for await (const found of readBatches(files, await batchNumbers(files, signal), signal)) {
    if (found.state !== 'split') yield* filesOfBatch(found).filter(isWanted);
  }
}

/** The files of a batch, each with its outcome. */
function filesOfBatch({ number, state, batch, closed }: StoredBatch): StoredFile[] {
  const others = new Map<string, FileOutcome['outcome']>(
    closed?.outcome === 'loaded' ? closed.others.map((file) => [fileId(file), file.outcome]) : [],
  );
  const usual: FileState = state === 'open' || state === 'split' ? 'in a batch' : state;
  return batch.files.map((file) => ({
    ...file,
    state: others.get(fileId(file)) ?? usual,
    batch: number,
  }));
}
