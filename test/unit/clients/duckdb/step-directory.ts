import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { RowFile } from '../../../../src/clients/table-engine.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { type RowToWrite, rowLine } from '../../../../src/pipeline/datasets/parquet/row-line.ts';

/** Directories of steps below one that is deleted after the tests of a file. */
export function stepDirectories(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'tributary-duckdb-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;
  return () => {
    const directory = join(root, String(count++));
    mkdirSync(directory);
    return directory;
  };
}

export type PartitionedRow = RowToWrite & { readonly partition: string };

/** A file of rows for each of their partitions. */
export const writeRowFiles = (
  directory: string,
  columns: readonly TableColumn[],
  rows: readonly PartitionedRow[],
): RowFile[] =>
  [...Map.groupBy(rows, ({ partition }) => partition)].map(([partition, own], index) => {
    const path = join(directory, `rows-${index}.ndjson`);
    writeFileSync(path, own.map((row) => rowLine(columns, row)).join(''));
    return { partition, path };
  });
