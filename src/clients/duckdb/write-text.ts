import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textGroups, textRows } from '../../pipeline/datasets/parquet/text-sql.ts';
import type { TextRequest, WrittenText } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

/** Writes rows as lines and, for a file per value, how many lines each value has. */
export async function writeText(database: Database, request: TextRequest): Promise<WrittenText> {
  const { filePer, files, directory } = request;
  const path = join(directory, 'rows.tsv');
  const groups = join(directory, 'groups.tsv');
  const isEmpty = files.length === 0;
  if (isEmpty) await writeFile(path, '');
  else await database.run(textRows(request, path));
  if (filePer === undefined) return { path };
  if (isEmpty) await writeFile(groups, '');
  else await database.run(textGroups({ ...request, filePer }, groups));
  return { path, groups };
}
