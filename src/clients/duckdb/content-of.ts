import { columnsId, contentQuery } from '../../pipeline/datasets/parquet/content-sql.ts';
import { textList } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import { unionByName } from '../../pipeline/datasets/parquet/merge-sql.ts';
import type { Content, ContentRequest } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

/** What identifies the rows of files. */
export async function contentOf(
  database: Database,
  { columns, files }: Pick<ContentRequest, 'columns' | 'files'>,
): Promise<Content> {
  if (files.length === 0) return { columnsId: columnsId(columns), rows: 0, sums: ['0', '0'] };
  // All of the files may be older than a column.
  const rows = `SELECT * FROM read_parquet(${textList(files)}, union_by_name = true)`;
  const [content] = await database.rows(contentQuery(columns, `(${unionByName(columns, [rows])})`));
  const [count, first, last] = (content ?? []).map(String);
  return { columnsId: columnsId(columns), rows: Number(count), sums: [first ?? '', last ?? ''] };
}
