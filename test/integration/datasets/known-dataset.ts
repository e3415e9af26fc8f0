import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { RecordModules } from '../../../src/activities/datasets/record-modules.ts';
import type { QueryRows } from '../../../src/clients/table-engine.ts';
import {
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../../src/contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import {
  intakesDirectory,
  partitionOfPointer,
  partitionsDirectory,
} from '../../../src/pipeline/datasets/dataset-directory.ts';
import { DatasetDefinition } from '../../../src/pipeline/datasets/definition.ts';
import { BatchResult, type Generation } from '../../../src/pipeline/datasets/documents.ts';
import type { TableColumn } from '../../../src/pipeline/datasets/parquet/column-type.ts';
import { currentGeneration } from '../../../src/store/datasets/current-generation.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { type DatasetPlace, datasetPlace } from '../../../src/store/datasets/dataset-place.ts';
import { download } from '../../../src/store/datasets/local-files.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import type { refreshDataset } from '../../../src/workflows/datasets/refresh-dataset.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
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

/** A record that was set aside, as it is kept. */
interface SetAside {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly raw: string;
}

const COLUMNS: readonly TableColumn[] = [
  { name: 'id', type: { kind: 'string' } },
  { name: 'amount', type: { kind: 'bigint' } },
];

/** A dataset, its files, and what is published of it. */
export class KnownDataset {
  readonly name = uniqueName('d');
  definition: DatasetDefinition;
  readonly source: string;
  readonly #harness: Harness;
  readonly #directory: string;
  readonly files: DatasetFiles;
  #deployed = 0;

  constructor(
    harness: Harness,
    { source, ...more }: Record<string, unknown> & { readonly source?: Record<string, unknown> } = {},
    module = MODULE,
  ) {
    this.#harness = harness;
    this.#directory = mkdtempSync(join(harness.directory(), 'dataset-'));
    const { bucket } = testStack().s3;
    this.definition = DatasetDefinition.parse({
      source: { bucket, prefix: `${this.name}-raw/`, match: '**/*.gz', ...source },
      records: this.#write(module),
      partition: { column: 'day' },
      store: { bucket, prefix: `${this.name}-table` },
      bounds: { until: '2099-12-31' },
      ...more,
    });
    this.source = this.definition.source.prefix;
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

  /** The same, as a change of the first version. */
  redeploy(change: (module: string) => string): void {
    this.deploy(change(MODULE));
  }

  /** Deletes a file of the source. */
  async remove(path: string): Promise<void> {
    await this.#harness.store.delete([`${this.source}${path}`]);
  }

  get place(): DatasetPlace {
    return datasetPlace(this.definition, { store: () => this.#harness.store });
  }

  /** Puts a file of records, one per line. @param path below the source's prefix */
  async put(path: string, records: readonly object[]): Promise<void> {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await this.putBytes(path, gzipSync(text));
  }

  async putBytes(path: string, bytes: Uint8Array): Promise<void> {
    await this.#harness.store.put(`${this.source}${path}`, bytes);
  }

  async run(input: Omit<RefreshDatasetInput, 'dataset'> = {}): Promise<RefreshDatasetResult> {
    return (await this.start(input)).result();
  }

  /** @param time the last part of the workflow's id */
  start(
    input: Omit<RefreshDatasetInput, 'dataset'> = {},
    time = uniqueName('t'),
  ): Promise<WorkflowHandleWithFirstExecutionRunId<typeof refreshDataset>> {
    return this.#harness.client.workflow.start<typeof refreshDataset>('refreshDataset', {
      workflowId: datasetWorkflowId(this.name, time),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ dataset: this.name, ...input }],
    });
  }

  /** Ends a workflow, as an operator does; one that is not running is left as it is. */
  async terminate(workflowId: string): Promise<void> {
    await this.#harness.client.workflow
      .getHandle(workflowId)
      .terminate('test')
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }

  /** Cancels a workflow once it has begun, and waits for its end. */
  async cancel(workflowId: string): Promise<void> {
    const handle = this.#harness.client.workflow.getHandle(workflowId);
    await until(
      () => handle.cancel().then(() => true),
      (isAsked) => isAsked,
    );
    await until(
      () => handle.describe(),
      ({ status }) => status.name !== 'RUNNING',
    );
  }

  /** What all batches so far have set aside, by file and line. */
  async setAside(): Promise<SetAside[]> {
    const found: SetAside[] = [];
    for await (const { key } of this.#harness.store.list(intakesDirectory(this.files.at))) {
      if (!/batch-\d+\.json$/.test(key)) continue;
      const { rejects } = BatchResult.parse(JSON.parse(await this.#text(key)));
      if (rejects.file === undefined) continue;
      const object = await this.#harness.store.get(rejects.file.key);
      for (const line of zstdDecompressSync(object!.body).toString('utf8').trimEnd().split('\n'))
        found.push(JSON.parse(line) as SetAside);
    }
    const place = ({ file, line }: SetAside) => `${file} ${String(line).padStart(9, '0')}`;
    return found.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  async #text(key: string): Promise<string> {
    return Buffer.from((await this.#harness.store.get(key))!.body).toString('utf8');
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
  rows(): Promise<string[]> {
    return this.query('SELECT day, id, amount FROM t ORDER BY ALL', COLUMNS);
  }

  /** The rows of a query over the published files, as the table t. @param columns of the files, without `day` */
  async query(sql: string, columns: readonly TableColumn[]): Promise<string[]> {
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
    const partitionColumns = [{ name: 'day', type: { kind: 'date' as const } }];
    const found: string[] = [];
    const answer: AsyncIterable<QueryRows> = this.#harness.dependencies.tableEngine.query({
      sql,
      tables: { t: { columns, partitionColumns, partitions } },
      directory,
    });
    for await (const { rows } of answer) for (const row of rows) found.push(row.join(' '));
    return found;
  }
}
