import type { ListedPointer } from '../../pipeline/datasets/catalogue/plan-partitions.ts';
import { partitionOfPointer, partitionsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import type { DatasetFiles } from './dataset-documents.ts';

/** The pointers of all partitions, by one listing: none of them is read. */
export async function listPointers(
  { store, at }: DatasetFiles,
  signal: AbortSignal,
): Promise<ListedPointer[]> {
  const found: ListedPointer[] = [];
  for await (const { key, etag } of store.list(partitionsDirectory(at), { signal })) {
    const partition = partitionOfPointer(at, key);
    if (partition !== undefined) found.push({ partition, etag: bareEtag(etag ?? '') });
  }
  return found;
}
