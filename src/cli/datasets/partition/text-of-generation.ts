import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDuckDbTableEngine } from '../../../clients/duckdb/duckdb-table-engine.ts';
import { textsDirectory } from '../../../pipeline/datasets/dataset-directory.ts';
import type { PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { escapedField, headerLine, NULL_TEXT } from '../../../pipeline/datasets/parquet/text-sql.ts';
import { typeOfText } from '../../../pipeline/datasets/records/type-of-text.ts';
import type { TextFile, Texts } from '../../../pipeline/datasets/text-files.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { rawBytes } from '../../../store/datasets/raw-bytes.ts';
import { findTextIndex } from '../../../store/datasets/text-files.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { fetchFile } from '../fetch-file.ts';

/** A condition of `--<column> <value>`; `\N` is NULL. */
export interface Condition {
  readonly column: string;
  readonly text: string;
}

export interface TextPlace {
  readonly files: DatasetFiles;
  readonly path: string;
  /** For temporary files. */
  readonly directory: string;
  /** What restores a file that is gone. */
  readonly remedy?: string | undefined;
  readonly signal: AbortSignal;
}

/** The lines of a generation, without line feeds and header: from its text files, or from its Parquet files. */
export async function* linesOf(
  place: TextPlace,
  generation: PublishedGeneration,
  where: readonly Condition[] = [],
): AsyncGenerator<string> {
  const { texts } = generation;
  if (texts !== undefined) {
    const wanted = where.find(({ column }) => column === texts.filePer);
    const others = where.filter((condition) => condition !== wanted);
    for (const file of await textFilesOf(place, generation)) {
      if (wanted !== undefined && fieldOf(file.value) !== fieldOf(wanted.text)) continue;
      for await (const line of linesOfFile(place, texts, file))
        if (meets(generation, others, line)) yield line;
    }
    return;
  }
  const columns = generation.columns.map(({ name, type }) => ({ name, type: typeOfText(type) }));
  const directory = join(place.directory, generation.id);
  await mkdir(directory, { recursive: true });
  const local: string[] = [];
  for (const file of generation.files) {
    const path = join(directory, `${local.length}.parquet`);
    await fetchFile(place.files.store, file, path, place.remedy, place.signal);
    local.push(path);
  }
  const conditions = where.map(({ column, text }) => ({ column, text: text === NULL_TEXT ? null : text }));
  const { path } = await createDuckDbTableEngine().writeText(
    { columns, files: local, order: [], where: conditions, directory },
    { signal: place.signal },
  );
  yield* linesOfChunks(createReadStream(path));
}

/** The index of its text files. */
export async function textFilesOf(
  { files, path, signal }: TextPlace,
  { generation, id }: PublishedGeneration,
): Promise<readonly TextFile[]> {
  const found = await findTextIndex(files, { partition: path, generation, id }, signal);
  if (found !== undefined) return found;
  throw new CommandError(
    ExitCode.failed,
    `The index of generation ${generation}-${id} is not there any more.`,
  );
}

export async function* linesOfFile(
  { files, path, signal }: TextPlace,
  { header }: Texts,
  { name, etag, bytes }: TextFile,
): AsyncGenerator<string> {
  const key = textsDirectory(files.at, path) + name;
  let isHeader = header;
  for await (const line of linesOfChunks(rawBytes(files.store, { key, etag, bytes }, signal))) {
    if (!isHeader) yield line;
    isHeader = false;
  }
}

/** As the header of a file has them. */
export const columnsLine = ({ columns }: PublishedGeneration): string => headerLine(columns);

const fieldOf = (text: string | undefined) =>
  text === undefined || text === NULL_TEXT ? NULL_TEXT : escapedField(text);

function meets({ columns }: PublishedGeneration, where: readonly Condition[], line: string): boolean {
  if (where.length === 0) return true;
  const fields = line.split('\t');
  return where.every(
    ({ column, text }) => fields[columns.findIndex(({ name }) => name === column)] === fieldOf(text),
  );
}

async function* linesOfChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield bytes.toString('utf8', from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}
