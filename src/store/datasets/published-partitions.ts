import { partitionOfPointer, partitionsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import type { Pointer } from '../../pipeline/datasets/documents.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { type DatasetFiles, pointer } from './dataset-documents.ts';

const AT_ONCE = 16;

/** The partitions that have a generation, by their paths, with their pointers. */
export async function publishedPartitions(
  files: DatasetFiles,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Pointer>> {
  const partitions: string[] = [];
  for await (const { key } of files.store.list(partitionsDirectory(files.at), { signal })) {
    const partition = partitionOfPointer(files.at, key);
    if (partition !== undefined) partitions.push(partition);
  }
  const found = new Map<string, Pointer>();
  await forEachLimited(
    partitions,
    AT_ONCE,
    async (partition, each) => {
      const current = await findDocument(pointer(files, partition), each);
      if (current !== undefined) found.set(partition, current);
    },
    signal,
  );
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
