import type { BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import type { Generation } from '../../../pipeline/datasets/documents.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { columnsId } from '../../../pipeline/datasets/parquet/content-sql.ts';
import { typeText } from '../../../pipeline/datasets/records/column-type.ts';
import { currentGeneration } from '../../../store/datasets/current-generation.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import type { OpenDataset } from '../open-dataset.ts';
import { publishGeneration } from '../publish-generation.ts';

/** Publishes a day of a source that no file has rows for: it has none, and is not missing. A day that is there stays. */
export async function publishEmpty(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  { files }: OpenDataset,
  {
    partition,
    columns,
    id,
    signal,
  }: {
    readonly partition: string;
    readonly columns: readonly TableColumn[];
    readonly id: string;
    readonly signal: AbortSignal;
  },
): Promise<BuildPartitionResult> {
  for (;;) {
    const current = await currentGeneration(files, partition, signal);
    if (current !== undefined) {
      const { generation, content } = current.generation;
      return { partition, generation, rows: content.rows, isUnchanged: true };
    }
    const next: Generation = {
      ...{ version: 1, partition, generation: 1, id, inputs: [], nextInput: 0, files: [] },
      builtAt: (await sharedTime(deps, files.store.bucket, { signal })).toISOString(),
      columns: columns.map(({ name, type }) => ({ name, type: typeText(type) })),
      content: { columnsId: columnsId(columns), rows: 0, sums: ['0', '0'] },
    };
    const published = await publishGeneration(files, next, undefined, signal);
    if (published !== undefined) return { partition, generation: 1, rows: 0, isUnchanged: false };
  }
}
