import type { S3Client } from '@aws-sdk/client-s3';
import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import { CopyFailure } from './copy-failure.ts';
import type { CopyOutcome } from './copy-outcome.ts';
import type { FileLoader } from './file-loader.ts';
import { ColumnsByKey, ColumnsByPath, type JsonColumns, WholeStructure } from './json/json-mapping.ts';
import { jsonPaths } from './json/json-paths-file.ts';
import { JsonReader } from './json/json-reader.ts';
import { ParquetLoader } from './parquet/parquet-loader.ts';
import { RecordReader } from './record-reader.ts';
import { StreamLoader } from './stream-loader.ts';
import type { TargetColumn } from './target-column.ts';

/** What loads the files of a COPY's format. @throws CopyFailure if the table or the JSONPaths file does not fit */
export async function openLoader(of: {
  s3: S3Client;
  columns: TargetColumn[];
  copy: CopyStatement;
  outcome: CopyOutcome;
  signal: AbortSignal;
}): Promise<FileLoader> {
  const { s3, columns, copy, signal } = of;
  if (copy.format === 'parquet') return new ParquetLoader(of);
  const reader =
    copy.format === 'json'
      ? new JsonReader({ ...of, mapping: await jsonColumns(s3, copy, columns) })
      : new RecordReader(of);
  return new StreamLoader(reader, copy.compression, signal);
}

async function jsonColumns(
  s3: S3Client,
  { json }: CopyStatement,
  columns: TargetColumn[],
): Promise<JsonColumns> {
  if (json === 'noshred') {
    if (columns.length !== 1 || columns[0]!.kind !== 'super')
      throw new CopyFailure("COPY JSON 'noshred' needs a single column, of the type SUPER", { code: 8001 });
    return new WholeStructure();
  }
  const paths = typeof json === 'object' ? await jsonPaths(s3, json.pathsFile, columns.length) : undefined;
  return paths === undefined
    ? new ColumnsByKey(columns, json === 'auto ignorecase')
    : new ColumnsByPath(paths);
}
