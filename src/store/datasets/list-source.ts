import type { ObjectStore } from '../../clients/object-store.ts';
import type { RawFile } from '../../pipeline/datasets/documents.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';

/** Where a dataset's raw files are. */
export interface RawSource {
  readonly store: ObjectStore;
  /** With a slash at the end, unless it is empty. */
  readonly prefix: string;
  /** Which keys are files of the dataset. @param path the key below the prefix */
  readonly isWanted: (path: string) => boolean;
}

/** The files of a source, in the order of their keys. @param prefixes full key prefixes, sorted, none within another */
export async function* listSource(
  { store, prefix, isWanted }: RawSource,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<RawFile> {
  for (const each of prefixes) {
    for await (const { key, bytes, etag, modifiedMs } of store.list(each, { signal })) {
      if (etag === undefined || modifiedMs === undefined || key.endsWith('/')) continue;
      if (!isWanted(key.slice(prefix.length))) continue;
      yield { key, etag: bareEtag(etag), bytes, modified: new Date(modifiedMs).toISOString() };
    }
  }
}
