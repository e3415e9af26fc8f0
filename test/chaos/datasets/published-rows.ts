import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import type { Generation, PublishedGeneration } from '../../../src/pipeline/datasets/documents.ts';
import { type CurrentGeneration, currentGeneration } from '../../../src/store/datasets/current-generation.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { DAYS, LATE_DAY } from './generated-records.ts';

const PARTITIONS = [...DAYS, LATE_DAY].map((day) => `day=${day}`);
const READ_EVERY_MS = 150;

/** The rows of a generation, read by another reader than the one that wrote them. @throws if a file is gone, or another one */
export async function objectsOfGeneration(
  { store }: DatasetFiles,
  { files }: Pick<PublishedGeneration, 'files'>,
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const { key, etag } of files) {
    const object = await store.get(key);
    if (object === undefined || object.etag !== `"${etag}"`)
      throw new Error(`${key} is ${object === undefined ? 'gone' : 'another object'}`);
    const { buffer, byteOffset, byteLength } = object.body;
    const found = await parquetReadObjects({
      file: (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength),
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    for (const row of found) rows.push(row);
  }
  return rows;
}

/** The rows of a generation as `day id amount`, sorted. @throws if a file is gone, or another one */
export async function rowsOfGeneration(files: DatasetFiles, generation: Generation): Promise<string[]> {
  const day = generation.partition.replace('day=', '');
  const rows = await objectsOfGeneration(files, generation);
  return rows.map(({ id, amount }) => `${day} ${String(id)} ${String(amount)}`).toSorted();
}

/** The generations that readers see now. */
export async function currentGenerations(files: DatasetFiles): Promise<CurrentGeneration[]> {
  const found: CurrentGeneration[] = [];
  for (const partition of PARTITIONS) {
    const current = await currentGeneration(files, partition, new AbortController().signal);
    if (current !== undefined) found.push(current);
  }
  return found;
}

/** Follows the pointers all the time: what it sees is always one published generation, and never an older one than before. */
export class PointerReader {
  readonly #files: DatasetFiles;
  readonly #expected: (generation: Generation) => readonly string[] | undefined;
  readonly #revisions = new Map<string, number>();
  readonly #known = new Set<string>();
  readonly problems: string[] = [];
  reads = 0;

  /** @param expected the rows of the inputs that a generation names; undefined: one of them is unknown */
  constructor(files: DatasetFiles, expected: (generation: Generation) => readonly string[] | undefined) {
    this.#files = files;
    this.#expected = expected;
  }

  async until(isOver: () => boolean): Promise<void> {
    for (; !isOver(); await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS))) {
      try {
        for (const current of await currentGenerations(this.#files)) await this.#look(current);
        this.reads++;
      } catch (error) {
        this.problems.push(`a reader failed: ${String(error)}`);
      }
    }
  }

  async #look({ pointer, generation }: CurrentGeneration): Promise<void> {
    const { partition, id } = generation;
    const before = this.#revisions.get(partition) ?? 0;
    if (pointer.revision < before)
      this.problems.push(`${partition} went back from revision ${before} to ${pointer.revision}`);
    this.#revisions.set(partition, pointer.revision);
    if (this.#known.has(id)) return;
    this.#known.add(id);
    const [rows, expected] = [await rowsOfGeneration(this.#files, generation), this.#expected(generation)];
    if (JSON.stringify(rows) !== JSON.stringify(expected))
      this.problems.push(
        `generation ${generation.generation} of ${partition} has ${JSON.stringify(rows)}, and its inputs have ${JSON.stringify(expected)}`,
      );
    if (generation.content.rows !== rows.length)
      this.problems.push(
        `generation ${generation.generation} of ${partition} counts ${generation.content.rows} rows`,
      );
  }
}
