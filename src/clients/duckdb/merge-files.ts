import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copySlice } from '../../pipeline/datasets/parquet/copy-rows.ts';
import { literal, quoted, storedType } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import { FILE_SIZES, filesToRewrite, slicesOf } from '../../pipeline/datasets/parquet/file-plan.ts';
import { mergeSql } from '../../pipeline/datasets/parquet/merge-sql.ts';
import { INPUT } from '../../pipeline/datasets/parquet/reserved-columns.ts';
import { Terminal } from '../errors.ts';
import type { DataFile, MergedPartition, MergePartition } from '../table-engine.ts';
import { contentOf } from './content-of.ts';
import type { Database } from './duckdb-database.ts';

/** Finds out which existing files change, then writes those and the new rows, sorted, in files of even size. */
export async function mergeFiles(database: Database, request: MergePartition): Promise<MergedPartition> {
  const { existing, directory } = request;
  await checkFiles(database, request);
  const sql = mergeSql(request);
  for (const statement of sql.prepare) await database.run(statement);

  const touched = new Set((await database.rows(sql.touchedFiles)).map(([file]) => Number(file)));
  const [hasNewRows] = await database.rows(sql.hasNewRows);
  const sized = await Promise.all(existing.map(async ({ path }) => ({ bytes: (await stat(path)).size })));
  const rewritten = filesToRewrite(sized, touched, hasNewRows?.[0] === true, request.sizes ?? FILE_SIZES);

  const staged = join(directory, 'staged.parquet');
  await database.run(sql.stage(rewritten, staged));
  const written = await writeDataFiles(database, request, staged);
  await database.run(sql.stageDuplicates(staged));
  const duplicates = await writeDuplicates(database, request, staged);
  await rm(staged);
  const kept = [...existing.keys()].filter((index) => !rewritten.includes(index));
  const files = [...kept.map((index) => existing[index]!.path), ...written.map(({ path }) => path)];
  const content = await contentOf(database, { columns: request.columns, files });
  return { kept, written, duplicates, content };
}

async function writeDataFiles(
  database: Database,
  { columns, directory, sizes = FILE_SIZES }: MergePartition,
  staged: string,
): Promise<DataFile[]> {
  const rows = await rowsIn(database, staged);
  const { size } = await stat(staged);
  const names = columns.map(({ name }) => quoted(name));
  const files: DataFile[] = [];
  for (const [index, slice] of slicesOf(rows, size * BYTES_PER_STAGED_BYTE, sizes).entries()) {
    const number = String(index).padStart(5, '0');
    const path = join(directory, `${number}.parquet`);
    const sidePath = join(directory, `${number}.inputs.parquet`);
    await database.run(copySlice(staged, names, slice, path));
    await database.run(copySlice(staged, [`${INPUT} AS input`], slice, sidePath));
    files.push({ path, sidePath, rows: slice.last - slice.first + 1, bytes: (await stat(path)).size });
  }
  return files;
}

/** Staged rows are compressed for speed. The final files took 0.4 to 0.7 of their space. */
const BYTES_PER_STAGED_BYTE = 0.6;

async function writeDuplicates(
  database: Database,
  { columns, directory }: MergePartition,
  staged: string,
): Promise<MergedPartition['duplicates']> {
  const rows = await rowsIn(database, staged);
  if (rows === 0) return undefined;
  const path = join(directory, 'duplicates.parquet');
  const names = [...columns.map(({ name }) => quoted(name)), INPUT];
  await database.run(copySlice(staged, names, { first: 1, last: rows }, path));
  return { path, rows };
}

async function rowsIn(database: Database, path: string): Promise<number> {
  const [counted] = await database.rows(`SELECT count(*)::INTEGER FROM read_parquet(${literal(path)})`);
  return Number(counted?.[0]);
}

/** Columns are only added: a file with another type, or with a column that is not known, cannot be merged. */
async function checkFiles(database: Database, { columns, existing, added, duplicates }: MergePartition) {
  const paths = [...existing.map(({ path }) => path), ...added.map(({ path }) => path), ...duplicates];
  const types = await database.rows(
    `SELECT ${columns.map(({ type }) => `typeof(NULL::${storedType(type)})`).join(', ')}`,
  );
  const typeOf = new Map(columns.map(({ name }, index) => [name, String(types[0]?.[index])]));
  for (const path of paths) {
    const found = await database.rows(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
    for (const [name, type] of found.map((column) => column.map(String))) {
      const wanted = typeOf.get(name ?? '');
      if (name === INPUT || wanted === type) continue;
      throw new Terminal(
        'DatasetTypesDiffer',
        `${path}: the column ${name} is ${type}, but the dataset ${wanted === undefined ? 'has no such column' : `declares ${wanted}`}. Columns can only be added; rebuild all partitions under a new table name to change a type`,
      );
    }
  }
}
