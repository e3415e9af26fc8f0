import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RecordModules } from '../../../src/activities/datasets/record-modules.ts';
import type { QueryRows } from '../../../src/clients/table-engine.ts';
import { datasetWorkflowId, type RefreshDatasetResult } from '../../../src/contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { partitionOfPointer, partitionsDirectory } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { DatasetDefinition } from '../../../src/pipeline/datasets/definition.ts';
import type { Generation } from '../../../src/pipeline/datasets/documents.ts';
import { currentGeneration } from '../../../src/store/datasets/current-generation.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { download } from '../../../src/store/datasets/local-files.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { testStack } from '../setup/stack.ts';

/** Of small records. */
export const MODULE = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  id: { type: 'string', from: 'id' },
  day: { type: 'date', from: 'day' },
  amount: { type: 'bigint', from: 'amount' },
});
`;

/** A dataset of small records, its files, and what is published of it. */
export class KnownDataset {
  readonly name = uniqueName('d');
  readonly source = `${this.name}-raw/`;
  definition: DatasetDefinition;
  readonly #harness: Harness;
  readonly #directory: string;
  readonly files: DatasetFiles;
  #deployed = 0;

  constructor(harness: Harness, more: Record<string, unknown> = {}) {
    this.#harness = harness;
    this.#directory = mkdtempSync(join(harness.directory(), 'dataset-'));
    const { bucket } = testStack().s3;
    this.definition = DatasetDefinition.parse({
      source: { bucket, prefix: this.source, match: '**/*.gz' },
      records: this.#write(MODULE),
      partition: { column: 'day' },
      store: { bucket, prefix: `${this.name}-table` },
      ...more,
    });
    this.files = { store: harness.store, at: { prefix: this.definition.store.prefix } };
  }

  /** @returns the path of a module with this text */
  #write(module: string): string {
    const path = join(this.#directory, `records-${++this.#deployed}.ts`);
    writeFileSync(path, module);
    return path;
  }

  /** From now on, workers have another version of the module. */
  deploy(module: string): void {
    this.definition = { ...this.definition, records: this.#write(module) };
  }

  /** Those of the harness, whose workers know this dataset. */
  get dependencies(): WorkerDependencies {
    return {
      ...this.#harness.dependencies,
      datasets: async () => ({ [this.name]: this.definition }),
      recordModules: new RecordModules(() => this.#directory),
    };
  }

  /** Puts a file of records, one per line. @param path below the source's prefix */
  async put(path: string, records: readonly object[]): Promise<void> {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await this.#harness.store.put(`${this.source}${path}`, gzipSync(text));
  }

  async run(input: { readonly late?: boolean } = {}): Promise<RefreshDatasetResult> {
    const result = await this.#harness.client.workflow.execute('refreshDataset', {
      workflowId: datasetWorkflowId(this.name, uniqueName('t')),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ dataset: this.name, ...input }],
    });
    return result as RefreshDatasetResult;
  }

  /** The current generations, by partition. */
  async published(): Promise<Map<string, Generation>> {
    const found = new Map<string, Generation>();
    for await (const { key } of this.#harness.store.list(partitionsDirectory(this.files.at))) {
      const partition = partitionOfPointer(this.files.at, key);
      if (partition === undefined) continue;
      const current = await currentGeneration(this.files, partition, new AbortController().signal);
      if (current !== undefined) found.set(partition, current.generation);
    }
    return found;
  }

  /** All published rows as `day id amount`, sorted. */
  async rows(): Promise<string[]> {
    const directory = mkdtempSync(join(this.#directory, 'query-'));
    const partitions = [];
    let count = 0;
    for (const [partition, { files }] of await this.published()) {
      const paths: string[] = [];
      for (const file of files) {
        const path = join(directory, `${count++}.parquet`);
        await download(this.#harness.store, file, path, new AbortController().signal);
        paths.push(path);
      }
      partitions.push({ values: [partition.replace('day=', '')], files: paths });
    }
    const columns = [
      { name: 'id', type: { kind: 'string' as const } },
      { name: 'amount', type: { kind: 'bigint' as const } },
    ];
    const partitionColumns = [{ name: 'day', type: { kind: 'date' as const } }];
    const found: string[] = [];
    const answer: AsyncIterable<QueryRows> = this.#harness.dependencies.tableEngine.query({
      sql: 'SELECT day, id, amount FROM t ORDER BY ALL',
      tables: { t: { columns, partitionColumns, partitions } },
      directory,
    });
    for await (const { rows } of answer) for (const row of rows) found.push(row.join(' '));
    return found;
  }
}
