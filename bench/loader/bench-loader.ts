import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { stringify } from 'yaml';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import { type StoredInbox, storedLoader } from '../../src/cli/loader/stored-loader.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../src/clients/s3/s3-object-store.ts';
import { type LoaderProgress, loaderWorkflowId, PAUSE, RESUME } from '../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../src/contract/refresh.ts';
import { LoaderDefinition } from '../../src/pipeline/loader/loader-definition.ts';
import { type BenchWorker, startBenchWorker } from '../speed/bench-worker.ts';
import { cpuSeconds, megabytes, resetPeak } from '../speed/process-tree.ts';
import { workflowHistory } from './histories.ts';
import { neverReached, rowsLeft, writeFiles, writeInbox } from './many-files.ts';
import { announce, createQueue, messagesIn } from './queue.ts';
import { type CountedServices, type Counts, countRequests, difference } from './requests.ts';
import { Warehouse } from './warehouse.ts';

const POLL_MS = 250;
/** A query is answered by the worker that is measured. */
const QUERY_MS = 2000;

export interface LoaderBenchOptions {
  readonly addresses: StackAddresses;
  /** For the worker's configuration. */
  readonly directory: string;
  readonly rowsPerFile: number;
  readonly maxFiles: number;
  readonly append: boolean;
  readonly log: (line: string) => void;
}

/** What a worker did in one part of the way of many files. */
export interface Stage {
  readonly seconds: number;
  /** Of the worker alone. */
  readonly cpuSeconds: number;
  readonly requests: Counts;
  readonly peakMegabytes: number;
}

export interface HistorySizes {
  readonly workflow: string;
  readonly executions: number;
  readonly events: number;
  readonly mostEvents: number;
  readonly mostBytes: number;
}

export interface Durations {
  readonly count: number;
  readonly medianMs: number;
  readonly mostMs: number;
  readonly totalSeconds: number;
}

export interface AnnouncedResult {
  readonly files: number;
  readonly loaded: number;
  readonly batches: number;
  readonly idleMegabytes: number;
  readonly toInbox: Stage;
  readonly toTable: Stage;
  /** Of the second stage: inbox to batches, and batches to table. */
  readonly planning: Durations;
  readonly loading: Durations;
  readonly histories: readonly HistorySizes[];
}

export interface WaitingResult {
  readonly waiting: number;
  readonly loaded: number;
  readonly toTable: Stage;
  readonly planning: Durations;
  readonly loading: Durations;
  /** What the loader says waits. */
  readonly inbox: LoaderProgress['inbox'];
  /** What `loader status` reads from S3 if the loader does not run, and how long that takes. */
  readonly status: StoredInbox & { readonly seconds: number };
  readonly histories: readonly HistorySizes[];
}

/** One worker, and the loaders that it runs. */
export class LoaderBench {
  readonly #options: LoaderBenchOptions;
  readonly #services: CountedServices;
  readonly #store: ObjectStore;
  readonly #sqs: SQSClient;
  readonly #warehouse: Warehouse;
  readonly #closers: (() => unknown)[] = [];

  constructor(options: LoaderBenchOptions, services: CountedServices) {
    this.#options = options;
    this.#services = services;
    const { s3, sqs, dynamodb, redshiftData } = options.addresses;
    const { accessKeyId, secretAccessKey } = s3;
    // The SDK's default credential chain reads the process's environment.
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: dynamodb.region,
    });
    const client = s3Client({ endpoint: s3.endpoint, region: dynamodb.region });
    this.#store = createS3ObjectStore({ client, bucket: s3.bucket });
    this.#sqs = new SQSClient({ endpoint: sqs.endpoint, region: dynamodb.region });
    this.#warehouse = new Warehouse(redshiftData, dynamodb.region);
    this.#closers.push(
      () => client.destroy(),
      () => this.#sqs.destroy(),
      () => this.#warehouse.close(),
    );
  }

  static async open(options: LoaderBenchOptions): Promise<LoaderBench> {
    return new LoaderBench(options, await countRequests(options.addresses));
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
    await this.#services.close();
  }

  /**
   * Files that are all announced at once. The loader is paused until the queue is empty, so that the way to the inbox and the
   * way to the table are measured one after the other.
   * @param loaded how many of them exist: the loader is stopped once these are loaded
   * @throws if a row or a file is missing at the end
   */
  async announced(files: number, loaded: number): Promise<AnnouncedResult> {
    const { log, rowsPerFile } = this.#options;
    const queue = await createQueue(this.#sqs, `bench-${randomBytes(4).toString('hex')}`);
    const { name, definition, worker } = await this.#startLoader({ queue });
    const { client, pid } = worker;
    try {
      log(`writing ${loaded} files`);
      const written = await writeFiles(this.#store, { loader: name, definition, files: loaded, rowsPerFile });
      log(`announcing ${files} files`);
      // What is announced first waits first.
      await announce(this.#sqs, queue, written);
      const rest = neverReached(this.#store, name, files - loaded, definition.source.prefix);
      await announce(this.#sqs, queue, [...rest]);
      const loaderId = loaderWorkflowId(definition.target);
      const loader = await client.workflow.signalWithStart('loadFiles', {
        ...{ workflowId: loaderId, taskQueue: CONTROL_TASK_QUEUE, args: [{ loader: name }] },
        ...{ signal: PAUSE, signalArgs: ['until the queue is empty'] },
      });
      const progress = () => loader.query<LoaderProgress>(QUERY_PROGRESS);
      await this.#until(worker, QUERY_MS, progress, ({ state }) => state === 'paused');

      log('from the queue to the inbox');
      const toInbox = await this.#stage(pid, async () => {
        await client.workflow.start('watchFiles', {
          ...{ workflowId: 'watch', taskQueue: CONTROL_TASK_QUEUE, args: [{ loader: name }] },
        });
        await this.#until(
          worker,
          POLL_MS,
          () => messagesIn(this.#sqs, queue),
          (left) => left === 0,
        );
      });
      log(`${Math.round(toInbox.seconds)} s; from the inbox to the table`);
      const toTable = await this.#stage(pid, async () => {
        await loader.signal(RESUME);
        await this.#until(worker, QUERY_MS, progress, ({ totals, parked, state }) => {
          if (parked.length > 0) throw new Error(`A batch is parked: ${parked[0]!.error}`);
          return totals.files >= loaded && (loaded < files || state === 'idle');
        });
      });
      if (loaded === files) await this.#check(definition, files);
      await loader.signal(PAUSE);
      const histories = [await workflowHistory(client, loaderId), await workflowHistory(client, 'watch')];
      return {
        ...{ files, loaded },
        batches: (await progress()).totals.batches,
        idleMegabytes: worker.idleMegabytes,
        toInbox,
        toTable,
        ...durations(histories[0]!),
        histories: [
          { workflow: 'loadFiles', ...histories[0]! },
          { workflow: 'watchFiles', ...histories[1]! },
        ],
      };
    } finally {
      await worker.stop();
    }
  }

  /** Some batches are loaded while many more files wait. */
  async waiting(waiting: number, batches: number): Promise<WaitingResult> {
    const { log, rowsPerFile, maxFiles } = this.#options;
    const { name, definition, worker } = await this.#startLoader({});
    const { client, pid } = worker;
    try {
      const files = batches * maxFiles;
      log(`writing ${files} files, and an inbox in which ${waiting} more wait`);
      const written = await writeFiles(this.#store, { loader: name, definition, files, rowsPerFile });
      const rest = neverReached(this.#store, name, waiting);
      await writeInbox(this.#store, definition, written, rest);
      const loaderId = loaderWorkflowId(definition.target);
      log(`loading ${batches} batches`);
      const loader = client.workflow.getHandle(loaderId);
      const progress = () => loader.query<LoaderProgress>(QUERY_PROGRESS);
      const toTable = await this.#stage(pid, async () => {
        await client.workflow.start('loadFiles', {
          ...{ workflowId: loaderId, taskQueue: CONTROL_TASK_QUEUE, args: [{ loader: name }] },
        });
        await this.#until(worker, POLL_MS, progress, ({ totals }) => totals.batches >= batches);
      });
      const { inbox } = await progress();
      await loader.cancel();
      await loader.result().catch(() => {});
      const history = await workflowHistory(client, loaderId);
      return {
        ...{ waiting, loaded: files, toTable, inbox, status: await this.#status(definition) },
        ...durations(history),
        histories: [{ workflow: 'loadFiles', ...history }],
      };
    } finally {
      await worker.stop();
    }
  }

  async #status({ staging, target }: LoaderDefinition) {
    const beganMs = performance.now();
    const at = { prefix: staging.prefix, table: target };
    const { waiting } = await storedLoader({ store: this.#store, at }, new AbortController().signal);
    return { ...waiting, seconds: (performance.now() - beganMs) / 1000 };
  }

  async #startLoader({ queue }: { readonly queue?: string }) {
    const { addresses, directory, maxFiles, append } = this.#options;
    const id = randomBytes(4).toString('hex');
    const name = `bench-${id}`;
    const { workgroup, database } = addresses.redshiftData;
    const { bucket } = addresses.s3;
    const schema = `bench_${id}`;
    const written = {
      source: { bucket, prefix: `landing-${id}/`, ...(queue === undefined ? {} : { queue }) },
      format: { kind: 'csv', header: true },
      target: {
        ...{ workgroup, database, schema, table: 'events', create: true },
        columns: { id: 'bigint', version: 'bigint', name: 'varchar(64)', amount: 'decimal(18,4)' },
        iamRole: 'arn:aws:iam::123456789012:role/copy',
      },
      ...(append ? {} : { merge: { key: ['id'], newest: 'version' } }),
      batch: { maxFiles, maxSeconds: 1 },
      staging: { bucket, prefix: `loaders-${id}` },
    };
    await this.#warehouse.run(`CREATE SCHEMA "${schema}"`);
    const config = join(directory, `${name}.yaml`);
    writeFileSync(config, stringify({ loaders: { [name]: written } }));
    const worker = await startBenchWorker({
      temporalAddress: addresses.temporal.address,
      namespace: name,
      environment: {
        ...(process.env as Record<string, string>),
        ...stackEnvironment(this.#services.addresses, config),
      },
      cores: [],
    });
    return { name, definition: LoaderDefinition.parse(written), worker };
  }

  async #stage(pid: number, work: () => Promise<void>): Promise<Stage> {
    resetPeak(pid);
    const requests = this.#services.counts();
    const cpu = cpuSeconds(pid);
    const beganMs = performance.now();
    await work();
    return {
      seconds: (performance.now() - beganMs) / 1000,
      cpuSeconds: cpuSeconds(pid) - cpu,
      requests: difference(this.#services.counts(), requests),
      peakMegabytes: megabytes(pid, 'peak'),
    };
  }

  async #until<T>(
    { failed }: BenchWorker,
    everyMs: number,
    ask: () => Promise<T>,
    wanted: (answer: T) => boolean,
  ): Promise<void> {
    for (;;) {
      // On a busy machine a query may not be answered in time.
      const answer = await Promise.race([failed, ask().catch(ignoringLateAnswers)]);
      if (answer !== undefined && wanted(answer)) return;
      await wait(everyMs);
    }
  }

  async #check({ target }: LoaderDefinition, files: number): Promise<void> {
    const { rowsPerFile, append } = this.#options;
    const rows = files * rowsPerFile;
    const wanted = { rows: append ? rows : rowsLeft(rows), files };
    const found = {
      rows: await this.#warehouse.count(`"${target.schema}"."${target.table}"`),
      files: await this.#warehouse.count(`"${target.schema}"."_tributary_files__${target.table}"`),
    };
    if (found.rows !== wanted.rows || found.files !== wanted.files)
      throw new Error(`Expected ${JSON.stringify(wanted)}; found ${JSON.stringify(found)}.`);
  }
}

function ignoringLateAnswers(error: unknown): undefined {
  if (!isGrpcServiceError(error) && !(error instanceof ServiceError)) throw error;
}

function durations({ activities, children }: Awaited<ReturnType<typeof workflowHistory>>) {
  return { planning: summary(activities.get('takeBatch') ?? []), loading: summary(children) };
}

function summary(milliseconds: readonly number[]): Durations {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    mostMs: sorted.at(-1) ?? 0,
    totalSeconds: sorted.reduce((sum, each) => sum + each, 0) / 1000,
  };
}
