import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from '@jest/globals';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { ROWS_PER_BATCH_GROUP, rowsPerGroup } from '../../../../src/pipeline/datasets/parquet/copy-rows.ts';
import { literal } from '../../../../src/pipeline/datasets/parquet/duckdb-sql.ts';
import { stepDirectories } from './step-directory.ts';

const MEBIBYTE = 1024 ** 2;
const [FILES, ROWS_PER_FILE] = [8, 75_000];
/** Less than the rows take. */
const engine = createDuckDbTableEngine({ memoryBytes: 320 * MEBIBYTE });
const newDirectory = stepDirectories();

const NAMES = ['key', 'b', 'c', 'd', 'e', 'f'];
const COLUMNS: readonly TableColumn[] = NAMES.map((name) => ({ name, type: { kind: 'string' } }));

/** The files of batches: 130 bytes per text in memory, and a fifth of that in the files, which is enough for two threads. */
async function batchFiles(): Promise<string[]> {
  const directory = newDirectory();
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const paths = Array.from({ length: FILES }, (_, file) => join(directory, `${file}.parquet`));
  const values = NAMES.map((name) => `repeat('x', 80) || md5(concat('${name}', i)) AS ${name}`).join(', ');
  for (const [file, path] of paths.entries())
    await connection.run(
      `COPY (SELECT ${values}, 0::INTEGER AS _tributary_input FROM range(${file * ROWS_PER_FILE}, ${(file + 1) * ROWS_PER_FILE}) t(i)) ` +
        `TO ${literal(path)} (FORMAT parquet, CODEC zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${ROWS_PER_BATCH_GROUP})`,
    );
  connection.closeSync();
  instance.closeSync();
  return paths;
}

test('many files that exceed the memory are sorted on disk, and so are those of an overwritten file’s partition', async () => {
  const paths = await batchFiles();
  const common = {
    ...{ columns: COLUMNS, sort: ['key'], duplicates: [], compareAll: false },
    sizes: { smallBytes: 8 * MEBIBYTE, targetBytes: 16 * MEBIBYTE },
  };
  const first = await engine.mergePartition({
    ...{ ...common, directory: newDirectory(), existing: [], dropped: [] },
    added: paths.map((path, input) => ({ path, inputs: [input] })),
  });
  expect(first.content.rows).toBe(FILES * ROWS_PER_FILE);
  expect(first.written.length).toBeGreaterThan(3);

  const second = await engine.mergePartition({
    ...{ ...common, directory: newDirectory(), existing: first.written, dropped: [2] },
    added: [{ path: paths[2]!, inputs: [FILES] }],
  });
  // Its rows were in every file, and are there again.
  expect(second.kept).toEqual([]);
  expect(second.content).toEqual(first.content);
}, 600_000);

test.each([
  [30, 122_880],
  [80, 51_200],
  [1000, 4096],
  [100_000, 2048],
  [Number.POSITIVE_INFINITY, 2048],
])('of rows of %d bytes, a group of a data file has %d', (bytes, rows) => {
  expect(rowsPerGroup(bytes)).toBe(rows);
});
