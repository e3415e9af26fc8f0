import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Catalogue } from '../../../src/clients/catalogue.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { TableAddress } from '../../../src/pipeline/datasets/catalogue/catalogue-table.ts';
import { textList } from '../../../src/pipeline/datasets/parquet/duckdb-sql.ts';
import { currentGeneration } from '../../../src/store/datasets/current-generation.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { listPointers } from '../../../src/store/datasets/pointers.ts';

/** Where a reader finds the rows of a partition: it may take its time until it lists the files. */
type Located = ReadonlyMap<string, () => Promise<readonly string[]>>;

/** The rows of each partition, as `id amount`, sorted. */
export type Answer = ReadonlyMap<string, readonly string[]>;

const { signal } = new AbortController();

/** Follows the pointers, as `dataset query` does. */
export const byPointers = (files: DatasetFiles) => async (): Promise<Located> => {
  const located = new Map<string, () => Promise<readonly string[]>>();
  for (const { partition } of await listPointers(files, signal)) {
    const current = await currentGeneration(files, partition, signal);
    const keys = current?.generation.files.map(({ key }) => key) ?? [];
    located.set(partition, async () => keys);
  }
  return located;
};

/** Knows only the catalogue, and reads every file of each location, as Athena and Spectrum do. */
export const byLocations =
  (catalogue: Catalogue, address: TableAddress, store: ObjectStore) => async (): Promise<Located> => {
    const located = new Map<string, () => Promise<readonly string[]>>();
    for await (const { values, location } of catalogue.partitions(address))
      located.set(`day=${values[0]}`, async () => {
        const objects = await Array.fromAsync(store.list(location.replace(`s3://${store.bucket}/`, '')));
        return objects.map(({ key }) => key);
      });
    return located;
  };

/** A reader that runs in this process, so that it reads as often as possible. */
export class DatasetReader {
  readonly answers: Answer[] = [];
  readonly #locate: () => Promise<Located>;
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #database = DuckDBInstance.create(':memory:', { threads: '1' });
  #isEnded = false;
  #files = 0;

  constructor(locate: () => Promise<Located>, store: ObjectStore, parent: string) {
    this.#locate = locate;
    this.#store = store;
    this.#directory = mkdtempSync(join(parent, 'reader-'));
  }

  /** One answer more. */
  async read(): Promise<void> {
    await (await this.begin())();
  }

  /** Begins an answer. @returns reads the rest, however much later */
  async begin(): Promise<() => Promise<void>> {
    const located = await this.#locate();
    return async () => {
      const answer = new Map<string, readonly string[]>();
      for (const [partition, keys] of located) answer.set(partition, await this.#rows(await keys()));
      this.answers.push(answer);
    };
  }

  /** Reads all the time, until it is ended. */
  async run(): Promise<void> {
    while (!this.#isEnded) await this.read();
  }

  end(): void {
    this.#isEnded = true;
  }

  /** No files: no rows, and no error, as in Athena. */
  async #rows(keys: readonly string[]): Promise<readonly string[]> {
    if (keys.length === 0) return [];
    const paths: string[] = [];
    for (const key of keys) {
      const object = await this.#store.get(key);
      if (object === undefined) throw new Error(`A reader found no ${key}.`);
      const path = join(this.#directory, `${this.#files++}.parquet`);
      writeFileSync(path, object.body);
      paths.push(path);
    }
    const connection = await (await this.#database).connect();
    try {
      const rows = await connection.runAndReadAll(
        `SELECT id, amount FROM read_parquet(${textList(paths)}) ORDER BY ALL`,
      );
      return rows.getRowsJson().map(([id, amount]) => `${id as string} ${amount as string}`);
    } finally {
      connection.closeSync();
    }
  }
}
