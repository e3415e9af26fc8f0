import type { ObjectStore } from '../../clients/object-store.ts';
import type { RawFile } from '../../pipeline/datasets/documents.ts';
import { type DateFolder, dateFolder, reaches } from '../../pipeline/datasets/intake/date-folders.ts';

/** Where a dataset's raw files are. */
export interface RawSource {
  readonly store: ObjectStore;
  /** With a slash at the end, unless it is empty. */
  readonly prefix: string;
  /** Which keys are files of the dataset. @param path the key below the prefix */
  readonly isWanted: (path: string) => boolean;
}

/**
 * The files of a source. If its folders are dates, only those that reach `fromDay` are listed; other folders are listed whole.
 * @param fromDay ISO 8601; undefined: all of them
 */
export async function* listSource(
  source: RawSource,
  fromDay: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<RawFile> {
  yield* listFolder(source, { path: '', date: undefined }, fromDay, signal);
}

interface Folder {
  /** Below the source's prefix: empty, or with a slash at the end. */
  readonly path: string;
  readonly date: DateFolder | undefined;
}

async function* listFolder(
  source: RawSource,
  { path, date }: Folder,
  fromDay: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<RawFile> {
  // Below a day, or if everything is wanted, there is nothing to leave out.
  const isWhole = fromDay === undefined || date?.level === 'day';
  const options = isWhole ? { signal } : { signal, delimiter: '/' as const };
  const other: string[] = [];
  const dated: Folder[] = [];
  for await (const { key, bytes, etag, modifiedMs } of source.store.list(
    `${source.prefix}${path}`,
    options,
  )) {
    const own = key.slice(source.prefix.length);
    if (etag === undefined || modifiedMs === undefined) {
      const found = dateFolder(own.slice(path.length, -1), date);
      if (found === undefined) other.push(own);
      else dated.push({ path: own, date: found });
    } else if (source.isWanted(own) && !own.endsWith('/')) {
      yield { key, etag: etag.slice(1, -1), bytes, modified: new Date(modifiedMs).toISOString() };
    }
  }
  if (fromDay === undefined) return;
  for (const folder of dated)
    if (folder.date !== undefined && reaches(folder.date, fromDay))
      yield* listFolder(source, folder, fromDay, signal);
  // A folder that is no date may have dates below: `eu/2026/11/01/`.
  for (const folder of other) yield* listFolder(source, { path: folder, date: undefined }, fromDay, signal);
}
