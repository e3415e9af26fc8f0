import type { RawFile, Taken } from '../../pipeline/datasets/documents.ts';
import { folderOf } from '../../pipeline/datasets/intake/date-folders.ts';
import { amend } from '../bookmark.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { type DatasetFiles, taken } from './dataset-documents.ts';

const AT_ONCE = 16;

export type TakenFile = Taken['files'][number];

/**
 * What the index says of these files: it has a document per folder, so only those of the files' folders are read.
 * @param prefix the source's
 */
export async function findTaken(
  files: DatasetFiles,
  prefix: string,
  listed: readonly RawFile[],
  signal: AbortSignal,
): Promise<Map<string, TakenFile>> {
  const folders = new Set(listed.map(({ key }) => folderOf(key.slice(prefix.length))));
  const found = new Map<string, TakenFile>();
  await forEachLimited(
    folders,
    AT_ONCE,
    async (folder, each) => {
      for (const file of (await findDocument(taken(files, folder), each))?.files ?? [])
        found.set(file.key, file);
    },
    signal,
  );
  return found;
}

/**
 * Adds files to the index. Of two versions of a key, the one with the later intake stays, with the partitions of both if the bytes
 * are the same: so repeated and reordered calls give the same index.
 */
export async function addTaken(
  files: DatasetFiles,
  prefix: string,
  added: readonly TakenFile[],
  signal: AbortSignal,
): Promise<void> {
  const byFolder = Map.groupBy(added, ({ key }) => folderOf(key.slice(prefix.length)));
  await forEachLimited(
    byFolder,
    AT_ONCE,
    async ([folder, own], each) => {
      await amend(taken(files, folder), (before) => merged(before, own), each);
    },
    signal,
  );
}

function merged(before: Taken | undefined, added: readonly TakenFile[]): Taken {
  const byKey = new Map(before?.files.map((file) => [file.key, file]));
  for (const file of added) {
    const known = byKey.get(file.key);
    if (known === undefined) byKey.set(file.key, file);
    else if (known.etag === file.etag) {
      const partitions = [...new Set([...known.partitions, ...file.partitions])].toSorted();
      byKey.set(file.key, { ...(known.intake < file.intake ? file : known), partitions });
    } else if (known.intake < file.intake) byKey.set(file.key, file);
  }
  return { version: 1, files: [...byKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}
