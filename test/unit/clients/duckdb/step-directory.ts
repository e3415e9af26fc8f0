import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
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

export function writeRowFile(
  directory: string,
  columns: readonly TableColumn[],
  rows: readonly RowToWrite[],
): string {
  const path = join(directory, 'rows.ndjson');
  writeFileSync(path, rows.map((row) => rowLine(columns, row)).join(''));
  return path;
}
