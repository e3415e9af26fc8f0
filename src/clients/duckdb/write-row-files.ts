import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyRowLines } from '../../pipeline/datasets/parquet/write-sql.ts';
import type { BatchFile, WriteRows } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

/** One partition after the other, and rows as they come: memory grows with neither. */
export async function writeRowFiles(
  database: Database,
  { columns, directory, rowFiles, leftOut = [] }: WriteRows,
): Promise<readonly BatchFile[]> {
  const files: BatchFile[] = [];
  for (const [index, { partition, path: rowFile }] of rowFiles.entries()) {
    const path = join(directory, `${String(index).padStart(5, '0')}.parquet`);
    const [copied] = await database.rows(copyRowLines(columns, { rowFile, leftOut, path }));
    const rows = Number(copied?.[0]);
    if (rows > 0) files.push({ partition, path, rows, bytes: (await stat(path)).size });
  }
  return files;
}
