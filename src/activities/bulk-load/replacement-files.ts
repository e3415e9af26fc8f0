import { Terminal } from '../../clients/errors.ts';
import {
  type FoundFiles,
  NOTHING_FOUND,
  type OpenedLoad,
  sumFound,
} from '../../contract/loader/bulk-load.ts';
import { commonFolder, loadSource } from '../../pipeline/bulk-load/load-source.ts';
import type { Batch, BatchFailure } from '../../pipeline/loader/loader-documents.ts';
import { addressOf, bytesOf, fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { batchState, type LoaderFiles, markedOpen } from '../../store/loader/batch-files.ts';
import { listInbox, readPages } from '../../store/loader/inbox.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { leftOut } from './announce-files.ts';
import { listedFiles } from './listed-files.ts';

/** A replacement is one batch, and so one COPY, one transaction, and one document with all of its files. */
const MOST_FILES = 50_000;
/** Files that it supersedes are in the same document. */
const MOST_SUPERSEDED = 50_000;

/** All files of a replacement. @throws Terminal `BadLoad` if there are none, or too many */
export async function replacementFiles(
  deps: Dependencies,
  load: OpenedLoad,
  signal: AbortSignal,
): Promise<{ readonly found: readonly SourceFile[]; readonly counts: FoundFiles }> {
  const byId = new Map<string, SourceFile>();
  let counts = NOTHING_FOUND;
  for await (const listed of listedFiles({ deps, loaders: await deps.loaders(), load, signal }, undefined)) {
    if (listed.kind === 'file') byId.set(fileId(listed.file), listed.file);
    else counts = sumFound(counts, leftOut(listed));
    if (byId.size > MOST_FILES) {
      throw new Terminal(
        'BadLoad',
        `${load.from} has more than ${MOST_FILES} files, which is too many to replace rows in one transaction. Replace ` +
          'parts of it, one after the other.',
      );
    }
  }
  const found = [...byId.values()];
  if (found.length === 0) {
    const others = counts.unmatched === 0 ? '' : `; ${counts.unmatched} others do not belong to the loader`;
    throw new Terminal(
      'BadLoad',
      `${load.from} has no files of loader ${load.loader}${others}. Nothing was replaced: rows would have been deleted and ` +
        'none loaded. Check the address.',
    );
  }
  const bytes = bytesOf(found);
  const toLoad = found.slice(0, 5).map(addressOf);
  return {
    found,
    counts: {
      ...counts,
      files: found.length,
      bytes,
      examples: { ...counts.examples, toLoad },
    },
  };
}

/** Whether a file is in the folder that the load is about: below its prefix, or beside the files of its manifest. */
export function inFolder(
  found: readonly SourceFile[],
  { bucket, key }: Pick<SourceFile, 'bucket' | 'key'>,
  from: string,
): boolean {
  const source = loadSource(from);
  if (source?.kind === 'prefix') return bucket === source.bucket && key.startsWith(source.key);
  const own = found.filter((file) => file.bucket === bucket);
  const folder = commonFolder(own.map((file) => file.key));
  return folder === '' ? own.some((file) => file.key === key) : key.startsWith(folder);
}

/** Files of the inbox in the same folder, without those that the replacement itself loads. */
export async function waitingInFolder(
  files: LoaderFiles,
  load: OpenedLoad,
  found: readonly SourceFile[],
  signal: AbortSignal,
): Promise<SourceFile[]> {
  const own = new Set(found.map(fileId));
  const waiting = new Map<string, SourceFile>();
  const { pages } = await listInbox(files, signal);
  for await (const some of readPages(files, pages, signal)) {
    for (const page of some) {
      for (const file of page.files) {
        const id = fileId(file);
        if (!own.has(id) && inFolder(found, file, load.from)) waiting.set(id, file);
      }
    }
    if (waiting.size > MOST_SUPERSEDED) {
      throw new Terminal(
        'BadLoad',
        `More than ${MOST_SUPERSEDED} files of ${load.from} wait to be loaded. Let the loader load them first: --after.`,
      );
    }
  }
  return [...waiting.values()];
}

/** A batch that is not closed. */
export interface Unloaded {
  readonly batch: Batch;
  /** Present if it is parked. */
  readonly failure?: BatchFailure;
}

export async function openBatches(files: LoaderFiles, signal: AbortSignal): Promise<Unloaded[]> {
  const open: Unloaded[] = [];
  for (const number of await markedOpen(files, signal)) {
    const state = await batchState(files, number, signal);
    if (state.state === 'open') open.push({ batch: state.batch });
    if (state.state === 'parked') open.push({ batch: state.batch, failure: state.failure });
  }
  return open;
}
