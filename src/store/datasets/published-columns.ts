import type { Pointer } from '../../pipeline/datasets/documents.ts';
import type { WrittenColumns } from '../../pipeline/datasets/parquet/earlier-columns.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { currentPublished } from './current-generation.ts';
import type { DatasetFiles } from './dataset-documents.ts';

const AT_ONCE = 16;

/** The columns of all current generations, each set once, the last partition's first. */
export async function publishedColumns(
  files: DatasetFiles,
  published: ReadonlyMap<string, Pointer>,
  signal: AbortSignal,
): Promise<readonly WrittenColumns[]> {
  const partitionWith = new Map(
    [...published].map(([partition, { content }]) => [content.columnsId, partition]),
  );
  const partitions = [...partitionWith.values()].toSorted().reverse();
  const found = new Map<string, WrittenColumns>();
  await forEachLimited(
    partitions,
    AT_ONCE,
    async (partition, each) => {
      const current = await currentPublished(files, partition, each);
      if (current !== undefined) found.set(partition, current.generation.columns);
    },
    signal,
  );
  return partitions.map((partition) => found.get(partition) ?? []);
}
