import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copySlice, rowsPerGroup, STAGED } from '../../pipeline/datasets/parquet/copy-rows.ts';
import { literal, quoted, storedType } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import { FILE_SIZES, filesToRewrite, nextSlice } from '../../pipeline/datasets/parquet/file-plan.ts';
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

  await database.run(sql.stage(rewritten));
  const read = [...rewritten.map((index) => existing[index]!), ...request.added];
  const written = await writeDataFiles(database, request, await bytesOf(read));
  const duplicates = await writeDuplicates(
    database,
    join(directory, 'duplicates.parquet'),
    sql.copyDuplicates,
  );
  const kept = [...existing.keys()].filter((index) => !rewritten.includes(index));
  const files = [...kept.map((index) => existing[index]!.path), ...written.map(({ path }) => path)];
  const content = await contentOf(database, { columns: request.columns, files });
  return { kept, written, duplicates, content };
}

/** @param bytes of the files that the rows are from: they take about as much again */
async function writeDataFiles(
  database: Database,
  { columns, directory, sizes = FILE_SIZES }: MergePartition,
  bytes: number,
): Promise<DataFile[]> {
  const [counted] = await database.rows(`SELECT count(*)::BIGINT FROM ${STAGED}`);
  const rows = Number(counted?.[0]);
  const names = columns.map(({ name }) => quoted(name));
  const files: DataFile[] = [];
  let bytesPerRow = bytes / rows;
  for (let first = 1; first <= rows; ) {
    const slice = nextSlice(first, rows, bytesPerRow, sizes);
    const number = String(files.length).padStart(5, '0');
    const path = join(directory, `${number}.parquet`);
    const sidePath = join(directory, `${number}.inputs.parquet`);
    await database.run(copySlice(names, slice, path, rowsPerGroup(bytesPerRow)));
    await database.run(copySlice([`${INPUT} AS input`], slice, sidePath));
    const { size } = await stat(path);
    const own = slice.last - first + 1;
    files.push({ path, sidePath, rows: own, bytes: size });
    bytesPerRow = size / own;
    first = slice.last + 1;
  }
  return files;
}

async function bytesOf(files: readonly { readonly path: string }[]): Promise<number> {
  const found = await Promise.all(files.map(({ path }) => stat(path)));
  return found.reduce((sum, { size }) => sum + size, 0);
}

async function writeDuplicates(
  database: Database,
  path: string,
  copy: ((path: string) => string) | undefined,
): Promise<MergedPartition['duplicates']> {
  if (copy === undefined) return undefined;
  const [copied] = await database.rows(copy(path));
  const rows = Number(copied?.[0]);
  return rows === 0 ? undefined : { path, rows };
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
        `${path}: the column ${name} is ${type}, but the dataset ${wanted === undefined ? 'has no such column' : `declares ${wanted}`}`,
      );
    }
  }
}
