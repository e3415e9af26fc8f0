import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copySlice } from '../../pipeline/datasets/parquet/copy-rows.ts';
import { batchColumns, partitionSlices, stageRowLines } from '../../pipeline/datasets/parquet/write-sql.ts';
import type { BatchFile, WriteRows } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

/** Sorts all rows once, on disk; then copies each partition's slice. So memory does not grow with rows or partitions. */
export async function writeRowFiles(database: Database, request: WriteRows): Promise<readonly BatchFile[]> {
  const { columns, directory, rowFiles } = request;
  if (rowFiles.length === 0) return [];
  const staged = join(directory, 'staged.parquet');
  await database.run(stageRowLines({ ...request, staged }));
  const slices = await database.rows(partitionSlices(staged));
  const files: BatchFile[] = [];
  for (const [index, [partition, first, last]] of slices.entries()) {
    const path = join(directory, `${String(index).padStart(5, '0')}.parquet`);
    const slice = { first: Number(first), last: Number(last) };
    await database.run(copySlice(staged, batchColumns(columns), slice, path));
    const { size } = await stat(path);
    files.push({ partition: String(partition), path, rows: slice.last - slice.first + 1, bytes: size });
  }
  await rm(staged);
  return files;
}
