import { zstdDecompressSync } from 'node:zlib';
import { intakesDirectory } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { BatchResult } from '../../../src/pipeline/datasets/documents.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { findIntakes } from '../../../src/store/datasets/intakes.ts';
import { badLines, type FileVersion, type RecordsShape, rowsOf } from './generated-records.ts';
import { currentGenerations, rowsOfGeneration } from './published-rows.ts';

/** A version of a file that was put. */
export interface Put extends FileVersion {
  readonly key: string;
  readonly etag: string;
}

/** What is wrong once every run has ended. */
export async function brokenDatasetPromises(
  files: DatasetFiles,
  shape: RecordsShape,
  puts: readonly Put[],
): Promise<string[]> {
  const last = [...new Map(puts.map((put) => [put.key, put])).values()];
  return [
    ...(await wrongRows(files, shape, last)),
    ...(await wrongRejects(files, shape, last)),
    ...(await openIntakes(files)),
  ];
}

/** Every record of the last version of each file is in its partition once, and nothing else is. */
async function wrongRows(files: DatasetFiles, shape: RecordsShape, last: readonly Put[]): Promise<string[]> {
  const found: string[] = [];
  for (const { generation } of await currentGenerations(files))
    for (const row of await rowsOfGeneration(files, generation)) found.push(row);
  const expected = rowsOf(shape, last);
  const counts = (rows: readonly string[]) => Map.groupBy(rows, (row) => row);
  const [have, want] = [counts(found), counts(expected)];
  return [...new Set([...found, ...expected])].flatMap((row) => {
    const [is, should] = [have.get(row)?.length ?? 0, want.get(row)?.length ?? 0];
    return is === should ? [] : [`the row ${row} is there ${is} times, and should be ${should} times`];
  });
}

/** Every record that cannot be a row was set aside, with its reason. */
async function wrongRejects(
  files: DatasetFiles,
  shape: RecordsShape,
  last: readonly Put[],
): Promise<string[]> {
  const found = new Set<string>();
  for await (const { key } of files.store.list(intakesDirectory(files.at))) {
    if (!/batch-\d+\.json$/.test(key)) continue;
    const object = await files.store.get(key);
    const { rejects, parked } = BatchResult.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
    if (rejects.file === undefined || parked !== undefined) continue;
    const kept = await files.store.get(rejects.file.key);
    for (const text of zstdDecompressSync(kept!.body).toString('utf8').trimEnd().split('\n')) {
      const { file, line, reason } = JSON.parse(text) as { file: string; line: number; reason: string };
      if (reason !== '') found.add(`${file} ${line}`);
    }
  }
  return last.flatMap((put) =>
    badLines(shape, put)
      .filter((line) => !found.has(`${put.key} ${line}`))
      .map((line) => `line ${line} of version ${put.version} of ${put.key} was not set aside`),
  );
}

async function openIntakes(files: DatasetFiles): Promise<string[]> {
  const { open } = await findIntakes(files, new AbortController().signal);
  return open.map(({ plan }) => `intake ${plan.intake} is open`);
}
