import type { ListedPointer } from '../../pipeline/datasets/catalogue/plan-partitions.ts';
import { partitionOfPointer, partitionsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import type { DatasetFiles } from './dataset-documents.ts';

/**
 * The pointers of all partitions, by one listing: none of them is read.
 * @param range lists only what the paths of its first and last partition begin with
 */
export async function listPointers(
  { store, at }: DatasetFiles,
  signal: AbortSignal,
  range?: { readonly first: string; readonly last: string },
): Promise<ListedPointer[]> {
  const found: ListedPointer[] = [];
  const below = range === undefined ? '' : commonBeginning(range.first, range.last);
  for await (const { key, etag } of store.list(`${partitionsDirectory(at)}${below}`, { signal })) {
    const partition = partitionOfPointer(at, key);
    if (partition !== undefined) found.push({ partition, etag: bareEtag(etag ?? '') });
  }
  return found;
}

function commonBeginning(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
