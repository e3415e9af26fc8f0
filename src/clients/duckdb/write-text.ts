import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textGroups, textRows } from '../../pipeline/datasets/parquet/text-sql.ts';
import type { TextRequest, WrittenText } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

/** Writes rows as lines and, for a file per value, how many lines each value has. That comes first: there may be too many values. */
export async function writeText(database: Database, request: TextRequest): Promise<WrittenText> {
  const { filePer, files, directory, maxGroups = Number.POSITIVE_INFINITY } = request;
  const path = join(directory, 'rows.tsv');
  const groups = join(directory, 'groups.tsv');
  if (files.length === 0) {
    for (const each of [path, groups]) await writeFile(each, '');
    return filePer === undefined ? { path } : { path, groups };
  }
  if (filePer !== undefined) {
    const [copied] = await database.rows(textGroups({ ...request, filePer }, groups));
    const count = Number(copied?.[0]);
    if (count > maxGroups) return { path, tooManyGroups: count };
  }
  await database.run(textRows(request, path));
  return filePer === undefined ? { path } : { path, groups };
}
