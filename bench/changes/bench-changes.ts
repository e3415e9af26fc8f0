import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { loadItems } from '../../local/demo/load-items.ts';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../src/clients/s3/s3-object-store.ts';
import { applyWorkflowId } from '../../src/contract/changes/changes.ts';
import { PAUSE } from '../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import type { refreshWarehouse } from '../../src/workflows/refresh/refresh-warehouse.ts';
import { type Counts, countRequests, difference } from '../loader/requests.ts';
import { type BenchWorker, startBenchWorker } from '../speed/bench-worker.ts';
import { cpuSeconds } from '../speed/process-tree.ts';
import { ChangeLoad, control } from './change-load.ts';
import { ChangingItems, KEY } from './changing-items.ts';
import { LagWatch, type Sample } from './lag-watch.ts';
import { WarehouseRows } from './warehouse-rows.ts';

const POLL_MS = 200;
const WAREHOUSE = 'warehouse';
const PAUSED = 'paused';
/** Items that the table has at first: they fill all tables. */
const FIRST_ITEMS = 500;
/** How long what waits may take to be applied after the last change. */
const DRAIN_SECONDS = 1800;
/** How long the tables may take to equal the model once all changes are counted. */
const SETTLE_SECONDS = 20;

export interface ChangesBenchOptions {
  readonly addresses: StackAddresses;
  /** For the worker's configuration. */
  readonly directory: string;
  /** The stack's processes, whose CPU time is reported. */
  readonly servers: readonly { readonly name: string; readonly pid: number }[];
  readonly changesPerSecond: number;
  readonly seconds: number;
  /** How long the worker is stopped, after a fifth of the time; 0: never. */
  readonly stopSeconds: number;
  readonly tables: number;
  readonly keys: number;
  readonly itemBytes: number;
  readonly shards: number;
  readonly applySeconds: number;
  /** The pipeline has a second destination, which is paused throughout. */
  readonly hasPausedDestination: boolean;
  /** Count requests, through proxies, which take CPU time of their own. */
  readonly countsRequests: boolean;
  /** Where the worker's CPU profile is written, for Chrome's DevTools; absent: it is not profiled. */
  readonly profileDirectory?: string | undefined;
  readonly log: (line: string) => void;
}

export interface ChangesResult {
  readonly tables: number;
  readonly shards: number;
  readonly wantedPerSecond: number;
  readonly changes: number;
  readonly keys: number;
  readonly itemBytes: number;
  readonly applySeconds: number;
  readonly hasPausedDestination: boolean;
  /** How long changes were made. */
  readonly seconds: number;
  readonly samples: readonly Sample[];
  /** When the worker was stopped, and when it was started again. */
  readonly stop?: { readonly fromSeconds: number; readonly toSeconds: number };
  /** From the last change until all were applied. */
  readonly drainSeconds: number;
  /** From the first change until all were applied. `load` is what makes the changes. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** In the same time; absent if they were not counted. */
  readonly requests?: Counts;
  /** Compared with the model. */
  readonly rows: number;
}

interface Started {
  readonly id: string;
  readonly schema: string;
  readonly table: string;
  readonly items: ChangingItems;
}

/** One pipeline that follows a table, and what its worker and the servers take for it. */
export class ChangesBench {
  readonly #options: ChangesBenchOptions;
  readonly #store: ObjectStore;
  readonly #dynamodb: DynamoDBClient;
  readonly #closers: (() => unknown)[] = [];
  #worker: BenchWorker | undefined;
  /** Of the workers that were stopped. */
  #endedCpuSeconds = 0;

  constructor(options: ChangesBenchOptions) {
    this.#options = options;
    const { s3, dynamodb } = options.addresses;
    // The SDK's default credential chain reads the process's environment.
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      AWS_REGION: dynamodb.region,
    });
    const client = s3Client({ endpoint: s3.endpoint, region: dynamodb.region });
    this.#store = createS3ObjectStore({ client, bucket: s3.bucket });
    this.#dynamodb = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region });
    this.#closers.push(
      () => client.destroy(),
      () => this.#dynamodb.destroy(),
    );
  }

  async close(): Promise<void> {
    await this.#worker?.stop();
    for (const close of this.#closers.reverse()) await close();
  }

  /** @throws if the warehouse does not equal the model in the end */
  async run(): Promise<ChangesResult> {
    const { addresses, changesPerSecond, seconds, stopSeconds, log } = this.#options;
    const counted = this.#options.countsRequests ? await countRequests(addresses) : undefined;
    if (counted !== undefined) this.#closers.push(() => counted.close());
    const started = await this.#createTable();
    const environment = this.#environment(started, counted?.addresses ?? addresses);
    const startWorker = async () => {
      const worker = await startBenchWorker({
        temporalAddress: addresses.temporal.address,
        ...{ namespace: `bench-${started.id}`, environment, cores: [] },
      });
      this.#worker = worker;
      return worker;
    };
    const { client } = await startWorker();
    log('copying the table');
    await this.#copy(client, started, WAREHOUSE);
    if (this.#options.hasPausedDestination) {
      log('copying it to a second destination, which is paused from then on');
      await this.#copy(client, started, PAUSED);
      await client.workflow
        .getHandle(applyWorkflowId('changes', PAUSED))
        .executeUpdate<string, [string]>(PAUSE, { args: ['stopped throughout'] });
    }

    const rows = await WarehouseRows.connect(addresses.postgres.url, started.schema);
    this.#closers.push(() => rows.close());
    const at = { prefix: `bench-${started.id}`, pipeline: 'changes' };
    const watch = new LagWatch({ rows, store: this.#store, at, workerPid: () => this.#worker?.pid });
    await watch.look();
    const appliedBefore = watch.applied;
    const load = new ChangeLoad({
      ...{ endpoint: addresses.dynamodb.endpoint, table: started.table, perSecond: changesPerSecond },
      next: () => started.items.next(),
    });
    const requestsBefore = counted?.counts() ?? {};
    const cpuBefore = this.#cpuSeconds();
    log(`${changesPerSecond} changes per second`);
    watch.start();
    load.start();
    let stop: ChangesResult['stop'];
    if (stopSeconds > 0) {
      await this.#during(seconds / 5);
      log(`the worker is stopped for ${stopSeconds} s`);
      const fromSeconds = watch.seconds;
      await this.#stopWorker();
      await wait(stopSeconds * 1000);
      await startWorker();
      stop = { fromSeconds, toSeconds: watch.seconds };
    }
    await this.#during(seconds - watch.seconds);
    await load.stop();
    const endedAt = watch.seconds;
    log(`${load.sent} changes were made; ${load.sent - (watch.applied - appliedBefore)} of them wait`);
    while (watch.applied - appliedBefore < load.sent) {
      if (watch.seconds - endedAt > DRAIN_SECONDS)
        throw new Error(`Of ${load.sent} changes, only ${watch.applied - appliedBefore} were applied.`);
      await this.#during(POLL_MS / 1000);
    }
    const drainSeconds = watch.seconds - endedAt;
    const cpu = this.#cpuSeconds();
    const requests = counted && difference(counted.counts(), requestsBefore);
    await watch.stop();
    log('comparing the tables with the model');
    const { tables, shards, keys, itemBytes, applySeconds, hasPausedDestination } = this.#options;
    return {
      ...{ tables, shards, keys, itemBytes, applySeconds, hasPausedDestination },
      wantedPerSecond: changesPerSecond,
      ...{ changes: load.sent, seconds: load.seconds, drainSeconds },
      samples: watch.samples.map((sample) => ({ ...sample, applied: sample.applied - appliedBefore })),
      ...(stop === undefined ? {} : { stop }),
      cpuSeconds: Object.fromEntries(
        Object.entries(cpu).map(([name, each]) => [name, each - (cpuBefore[name] ?? 0)]),
      ),
      ...(requests === undefined ? {} : { requests }),
      rows: await this.#untilEqual(rows, started),
    };
  }

  /** The counts may be those of a round before the last. @returns the rows that were compared */
  async #untilEqual(...tables: Parameters<typeof compared>): Promise<number> {
    for (const endsAt = performance.now() + SETTLE_SECONDS * 1000; ; ) {
      try {
        return await compared(...tables);
      } catch (error) {
        if (performance.now() > endsAt) throw error;
        await this.#during(POLL_MS / 1000);
      }
    }
  }

  async #createTable(): Promise<Started> {
    const { addresses, keys, tables, itemBytes, shards } = this.#options;
    const id = randomBytes(4).toString('hex');
    const table = `changes_${id}`;
    await control(addresses.dynamodb.endpoint, 'partitions', { table, partitions: shards });
    await this.#dynamodb.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: KEY, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: KEY, KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
    );
    await waitUntilTableExists(
      { client: this.#dynamodb, maxWaitTime: 60, minDelay: 1 },
      { TableName: table },
    );
    const items = new ChangingItems({ keys, tables, itemBytes, seed: 1 });
    const first = [...items.first(Math.min(keys, FIRST_ITEMS))];
    await loadItems(this.#dynamodb, table, first as Parameters<typeof loadItems>[2]);
    return { id, table, schema: `bench_${id}`, items };
  }

  #environment({ id, table, schema }: Started, addresses: StackAddresses): Record<string, string> {
    const { directory, applySeconds, hasPausedDestination } = this.#options;
    const { workgroup, database } = addresses.redshiftData;
    const destination = {
      ...{ kind: 'redshift', workgroup, database, schema, applySeconds },
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    };
    const pipeline = {
      source: { kind: 'dynamodb', table, changes: { kind: 'streams', settleSeconds: 1 } },
      staging: { bucket: addresses.s3.bucket, prefix: `bench-${id}` },
      destinations: {
        [WAREHOUSE]: destination,
        ...(hasPausedDestination && { [PAUSED]: { ...destination, schema: `${schema}_paused` } }),
      },
    };
    const config = join(directory, `changes-${id}.yaml`);
    writeFileSync(config, stringify({ pipelines: { changes: pipeline } }));
    const { profileDirectory } = this.#options;
    return {
      ...(process.env as Record<string, string>),
      ...stackEnvironment(addresses, config),
      ...(profileDirectory && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profileDirectory)}` }),
    };
  }

  /** A destination's first run: it also starts what follows the table, and what applies its changes. */
  async #copy(client: Client, { id }: Started, destination: string): Promise<void> {
    const { status } = await client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
      ...{ workflowId: `copy-${id}-${destination}`, taskQueue: CONTROL_TASK_QUEUE },
      args: [{ pipeline: 'changes', destination }],
    });
    if (status !== 'replaced') throw new Error(`The run is ${status}.`);
  }

  /** Waits, unless the worker ends meanwhile. */
  async #during(seconds: number): Promise<void> {
    await Promise.race([wait(Math.max(0, seconds * 1000)), this.#worker?.failed]);
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    this.#endedCpuSeconds += cpuSeconds(worker.pid);
    await worker.stop();
  }

  /** So far. */
  #cpuSeconds(): Record<string, number> {
    const { user, system } = process.cpuUsage();
    return {
      worker: this.#endedCpuSeconds + (this.#worker === undefined ? 0 : cpuSeconds(this.#worker.pid)),
      ...Object.fromEntries(this.#options.servers.map(({ name, pid }) => [name, cpuSeconds(pid)])),
      load: (user + system) / 1e6,
    };
  }
}

/** @returns the rows that were compared @throws if a table is not as the model says */
async function compared(warehouse: WarehouseRows, { table, items }: Started): Promise<number> {
  const { root, members } = items.expected();
  const found = await warehouse.root(table);
  const rows = await warehouse.count(table);
  if (rows !== root.size || found.size !== root.size)
    throw new Error(`${table} has ${rows} rows of ${found.size} items; the model has ${root.size} items.`);
  for (const [key, digest] of root)
    if (found.get(key) !== digest) throw new Error(`${table} does not have the last image of ${key}.`);
  let compared = rows;
  for (const [list, texts] of members) {
    const stored = await warehouse.members(`${table}__${list}`);
    const differs = stored.findIndex((each, i) => each !== texts[i]);
    if (stored.length !== texts.length || differs !== -1)
      throw new Error(
        `${table}__${list} has ${stored.length} rows, the model ${texts.length}; the first that differs is ` +
          `${stored[differs]} instead of ${texts[differs]}.`,
      );
    compared += stored.length;
  }
  return compared;
}
