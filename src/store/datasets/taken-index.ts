import { folderOfTaken, takenDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import type { RawFile, Taken } from '../../pipeline/datasets/documents.ts';
import { folderOf } from '../../pipeline/datasets/intake/date-folders.ts';
import { isRead } from '../../pipeline/datasets/intake/open-intake.ts';
import { amend } from '../bookmark.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { currentGeneration } from './current-generation.ts';
import { type DatasetFiles, taken } from './dataset-documents.ts';
import type { DatasetPlace } from './dataset-place.ts';
import { findIntakes } from './intakes.ts';
import { listSource } from './list-source.ts';
import { publishedPartitions } from './published-partitions.ts';
import { addTaken, type TakenFile } from './taken-files.ts';

/** What an operator sees and does of the whole index of taken files: it is read part by part. */

const AT_ONCE = 16;

export interface TakenSummary {
  readonly files: number;
  readonly folders: number;
  /** When the files were last modified. ISO 8601; absent if there are none. */
  readonly oldest?: string;
  readonly newest?: string;
  /** Set back: the next run takes them again. */
  readonly again: number;
  /** Left out by an operator. */
  readonly skipped: number;
}

export async function takenSummary(files: DatasetFiles, signal: AbortSignal): Promise<TakenSummary> {
  let [count, folders, again, skipped] = [0, 0, 0, 0];
  let oldest: string | undefined;
  let newest: string | undefined;
  await forEachFolder(
    files,
    async (folder, each) => {
      folders++;
      for (const file of (await findDocument(taken(files, folder), each))?.files ?? []) {
        count++;
        if (file.again) again++;
        if (file.skipped) skipped++;
        if (oldest === undefined || file.modified < oldest) oldest = file.modified;
        if (newest === undefined || file.modified > newest) newest = file.modified;
      }
    },
    signal,
  );
  return { files: count, folders, again, skipped, ...(oldest && newest ? { oldest, newest } : {}) };
}

/**
 * Sets the index back: the next run takes files that were last modified at this time or later again. Their rows replace those that are
 * published, so no row is there twice.
 * @returns how many files
 */
export async function setBack(files: DatasetFiles, to: string, signal: AbortSignal): Promise<number> {
  let count = 0;
  const change = (file: TakenFile): TakenFile => {
    if (file.modified < to) return file;
    const { skipped: _, ...rest } = file;
    return { ...rest, again: true };
  };
  await forEachFolder(
    files,
    async (folder, each) => {
      const after = await amend(
        taken(files, folder),
        (before): Taken | undefined => before && { version: 1, files: before.files.map(change) },
        each,
      );
      count += after?.files.filter((file) => file.again === true && file.modified >= to).length ?? 0;
    },
    signal,
  );
  return count;
}

/**
 * Sets the index forward: files that were last modified before this time, and were not taken, are left out.
 * @returns how many files
 */
export async function setForward(place: DatasetPlace, to: string, signal: AbortSignal): Promise<number> {
  const { source } = place;
  const wanted: RawFile[] = [];
  for await (const file of listSource(source, [source.prefix], signal))
    if (file.modified < to) wanted.push(file);
  return leaveOut(place, wanted, signal);
}

/**
 * Leaves files out: no run takes them, unless they are overwritten or the index is set back. Files that were taken, or that a run is
 * taking, stay as they are.
 * @returns how many were left out
 */
export async function leaveOut(
  { files, source: { prefix } }: DatasetPlace,
  wanted: readonly RawFile[],
  signal: AbortSignal,
): Promise<number> {
  const { open } = await findIntakes(files, signal);
  const underWay = new Set(
    open.flatMap((intake) =>
      intake.plan.batches
        .filter(({ number }) => !isRead(intake) || intake.results.get(number)?.parked === undefined)
        .flatMap((batch) => batch.files.map(({ key }) => key)),
    ),
  );
  let count = 0;
  const free = wanted.filter(({ key }) => !underWay.has(key));
  const byFolder = Map.groupBy(free, ({ key }) => folderOf(key.slice(prefix.length)));
  await forEachLimited(
    byFolder,
    AT_ONCE,
    async ([folder, own], each) => {
      const isOwn = new Map(own.map((file) => [file.key, file]));
      const after = await amend(taken(files, folder), (before) => withoutThem(before, own), each);
      count += after.files.filter(({ key, skipped }) => skipped === true && isOwn.has(key)).length;
    },
    signal,
  );
  return count;
}

function withoutThem(before: Taken | undefined, own: readonly RawFile[]): Taken {
  const byKey = new Map(before?.files.map((file) => [file.key, file]));
  for (const file of own) {
    const known = byKey.get(file.key);
    if (known?.etag === file.etag && known.again !== true) continue;
    // The rows of an earlier version stay.
    const { intake = 1, partitions = [] } = known ?? {};
    byKey.set(file.key, { ...file, intake, partitions, skipped: true });
  }
  return { version: 1, files: [...byKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

/**
 * Restores the index from the files that published generations name.
 * @returns how many files they name
 */
export async function restoreIndex(
  { files, source: { prefix } }: DatasetPlace,
  signal: AbortSignal,
): Promise<number> {
  const found = new Map<string, { file: RawFile; intake: number; partitions: string[] }>();
  const partitions = [...(await publishedPartitions(files, signal)).keys()];
  await forEachLimited(
    partitions,
    AT_ONCE,
    async (partition, each) => {
      const current = await currentGeneration(files, partition, each);
      for (const { key, etag, bytes, modified, intake, rows } of current?.generation.inputs ?? []) {
        const known = found.get(key) ?? { file: { key, etag, bytes, modified }, intake, partitions: [] };
        if (known.intake < intake) Object.assign(known, { file: { key, etag, bytes, modified }, intake });
        if (rows > 0) known.partitions.push(partition);
        found.set(key, known);
      }
    },
    signal,
  );
  const entries = [...found.values()].map(({ file, ...more }) => ({ ...file, ...more }));
  await addTaken(files, prefix, entries, signal);
  return entries.length;
}

async function forEachFolder(
  files: DatasetFiles,
  work: (folder: string, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const folders: string[] = [];
  for await (const { key } of files.store.list(takenDirectory(files.at), { signal })) {
    const folder = folderOfTaken(files.at, key);
    if (folder !== undefined) folders.push(folder);
  }
  await forEachLimited(folders, AT_ONCE, work, signal);
}
