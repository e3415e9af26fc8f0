import { columnsId, contentQuery } from '../../pipeline/datasets/parquet/content-sql.ts';
import { textList } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import type { Content, ContentRequest } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

export async function contentOf(
  database: Database,
  { columns, files }: Pick<ContentRequest, 'columns' | 'files'>,
): Promise<Content> {
  if (files.length === 0) return { columnsId: columnsId(columns), rows: 0, sums: ['0', '0'] };
  const [content] = await database.rows(
    contentQuery(columns, `read_parquet(${textList(files)}, union_by_name = true)`),
  );
  const [rows, first, last] = (content ?? []).map(String);
  return { columnsId: columnsId(columns), rows: Number(rows), sums: [first ?? '', last ?? ''] };
}
