import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../src/clients/s3/s3-object-store.ts';
import {
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../src/contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { type BenchWorker, startBenchWorker } from '../speed/bench-worker.ts';

const MODULE = fileURLToPath(new URL('records.ts', import.meta.url));

export interface BenchDatasetOptions {
  readonly addresses: StackAddresses;
  /** For the worker's configuration. */
  readonly directory: string;
  /** That the worker may use; none: any. */
  readonly cores: readonly number[];
  /** Of its definition. */
  readonly more?: Record<string, unknown>;
  /** Where CPU profiles are written; absent: none. */
  readonly profileDirectory?: string | undefined;
}

/** A dataset of access records, with a worker as its users start it, and real Temporal and S3 servers. */
export class BenchDataset {
  readonly name: string;
  readonly store: ObjectStore;
  readonly worker: BenchWorker;
  readonly #close: () => void;
  #runs = 0;

  private constructor(name: string, store: ObjectStore, worker: BenchWorker, close: () => void) {
    this.name = name;
    this.store = store;
    this.worker = worker;
    this.#close = close;
  }

  static async start(options: BenchDatasetOptions): Promise<BenchDataset> {
    const { addresses, directory, cores, more, profileDirectory } = options;
    const { s3 } = addresses;
    const name = `bench-${randomBytes(4).toString('hex')}`;
    // The SDK's default credential chain reads the process's environment.
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      AWS_REGION: addresses.dynamodb.region,
    });
    const client = s3Client({ endpoint: s3.endpoint, region: addresses.dynamodb.region });
    const definition = {
      source: { bucket: s3.bucket, prefix: `${name}-raw/` },
      records: MODULE,
      partition: { column: 'record_date' },
      store: { bucket: s3.bucket, prefix: `${name}-table` },
      bounds: { until: '2099-12-31' },
      ...more,
    };
    mkdirSync(directory, { recursive: true });
    const config = join(directory, `${name}.yaml`);
    writeFileSync(config, stringify({ datasets: { [name]: definition } }));
    const profile =
      profileDirectory === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDirectory}` };
    const environment = {
      ...process.env,
      ...stackEnvironment(addresses),
      ...profile,
      TRIBUTARY_CONFIG: config,
    };
    const worker = await startBenchWorker({
      ...{ temporalAddress: addresses.temporal.address, namespace: name, cores },
      environment: environment as Record<string, string>,
    });
    return new BenchDataset(name, createS3ObjectStore({ client, bucket: s3.bucket }), worker, () =>
      client.destroy(),
    );
  }

  /** @param path below the source's prefix */
  put(path: string, body: Uint8Array): Promise<unknown> {
    return this.store.put(`${this.name}-raw/${path}`, body);
  }

  /** @throws if not all is published */
  async run(input: Omit<RefreshDatasetInput, 'dataset'> = {}): Promise<RefreshDatasetResult> {
    const run = this.worker.client.workflow.execute('refreshDataset', {
      workflowId: datasetWorkflowId(this.name, `bench-${++this.#runs}`),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ dataset: this.name, ...input }],
    }) as Promise<RefreshDatasetResult>;
    const result = await Promise.race([this.worker.failed, run]);
    if (result.failed.length > 0) throw new Error(`Not all was published: ${JSON.stringify(result.failed)}`);
    return result;
  }

  /** The sizes of the objects below a prefix of the table, in bytes. */
  async written(prefix: string): Promise<number[]> {
    const sizes: number[] = [];
    for await (const { bytes } of this.store.list(`${this.name}-table/${prefix}`)) sizes.push(bytes);
    return sizes;
  }

  async close(): Promise<void> {
    await this.worker.stop();
    this.#close();
  }
}
