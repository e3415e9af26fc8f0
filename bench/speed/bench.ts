import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import { createS3ObjectStore } from '../../src/clients/s3/s3-object-store.ts';
import { dltCommand } from './dlt-program.ts';
import { columnsOf } from './first-written.ts';
import { generateItems, ItemFile } from './item-file.ts';
import { startLineProgram } from './line-program.ts';
import type { Measurement, Round } from './measurement.ts';
import { allowedCores, cpuSeconds, megabytes, pin, resetPeak } from './process-tree.ts';
import type { Program, ProgramName } from './program.ts';
import { itemOf, type Shape } from './shapes.ts';
import { tableName } from './table-name.ts';
import { startTributary } from './tributary-program.ts';

/** Of the items that a program copies, how many it copies first to be warm: of each shape, or of the first only. */
const WARM_UP_SHARE = { ofEach: 0.1, ofFirst: 0.5 };
/** The items of which the first-written program knows the columns. */
const KNOWN_ITEMS = 2000;
const PREFIX = 'bench';

export interface BenchOptions {
  readonly shapes: readonly Shape[];
  readonly seed: number;
  /** The programs, each with the bytes of DynamoDB-JSON that it copies: a slow one takes less, so that it takes no longer. */
  readonly bytes: ReadonlyMap<ProgramName, number>;
  readonly rounds: number;
  /** The numbers of cores on which Tributary is measured. The other programs are measured on the first. */
  readonly cores: readonly number[];
  /** Start the programs once for all shapes: quicker, but memory is then the most of the shapes so far. */
  readonly keepPrograms: boolean;
  /** Where items are kept for the next time. */
  readonly directory: string;
  readonly addresses: StackAddresses;
  /** Processes that are restricted to the cores of whichever program is measured. */
  readonly serverPids: readonly number[];
  readonly log: (line: string) => void;
}

/** Measures every program on every shape, in alternation. @throws if a program does not copy all items */
export async function runBench(options: BenchOptions): Promise<Measurement[]> {
  const { shapes, log, cores } = options;
  const allowed = allowedCores() ?? [];
  if (allowed.length === 0) log('There is no taskset, so nothing is restricted to a number of cores.');
  const useful = cores.filter((count) => allowed.length === 0 || count <= allowed.length);
  if (useful.length < cores.length) log(`Only ${allowed.length} cores are available.`);
  const tables = new Map<Shape, ItemFile>();
  const files: string[] = [];
  const bytes = Math.max(...options.bytes.values());
  for (const shape of shapes) {
    log(`${shape.name}: ${shape.is}`);
    const file = await generateItems(options.directory, shape, { seed: options.seed, bytes });
    tables.set(shape, await ItemFile.open(file));
    files.push(`${shape.name}=${file}`);
  }
  const server = await startPageServerProcess(files);
  const bench = new Bench({ ...options, cores: useful }, allowed, tables, server);
  try {
    const groups = options.keepPrograms ? [shapes] : shapes.map((shape) => [shape]);
    for (const group of groups) await bench.measure(group);
    return bench.measurements();
  } finally {
    await bench.close();
    await server.stop();
    for (const table of tables.values()) await table.close();
  }
}

const keyOf = ({ name, cores }: Program, shape: Shape) => `${shape.name}/${name}/${cores}`;

class Bench {
  readonly #options: BenchOptions;
  readonly #allowed: readonly number[];
  readonly #tables: ReadonlyMap<Shape, ItemFile>;
  readonly #server: PageServerProcess;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #s3: S3Client;
  readonly #found = new Map<string, Measurement>();
  #programs: Program[] = [];
  #started = 0;

  constructor(
    options: BenchOptions,
    allowed: readonly number[],
    tables: ReadonlyMap<Shape, ItemFile>,
    server: PageServerProcess,
  ) {
    this.#options = options;
    this.#allowed = allowed;
    this.#tables = tables;
    this.#server = server;
    const { addresses } = options;
    this.#environment = {
      ...withoutAwsSettings(),
      ...stackEnvironment({
        ...addresses,
        dynamodb: { ...addresses.dynamodb, endpoint: server.endpoint },
      }),
    };
    const { endpoint, accessKeyId, secretAccessKey } = addresses.s3;
    const credentials = { accessKeyId, secretAccessKey };
    this.#s3 = new S3Client({
      endpoint,
      region: addresses.dynamodb.region,
      credentials,
      forcePathStyle: true,
    });
  }

  async measure(shapes: readonly Shape[]): Promise<void> {
    const { rounds, log, keepPrograms } = this.#options;
    await this.#startPrograms(shapes);
    try {
      const warmedBy = keepPrograms ? shapes.slice(0, 1) : shapes;
      const share = keepPrograms ? WARM_UP_SHARE.ofFirst : WARM_UP_SHARE.ofEach;
      const ofOneItem = new Map<Program, Round>();
      for (const program of this.#programs) {
        for (const shape of warmedBy) {
          await this.#copy(program, shape, Math.ceil(this.#itemsFor(program, shape) * share));
          ofOneItem.set(program, (await this.#copy(program, shape, 1)).round);
        }
      }
      for (let round = 1; round <= rounds; round++) {
        for (const shape of shapes) {
          for (const program of this.#programs) {
            await this.#measureOne(program, shape, ofOneItem.get(program)!);
            const { cpuSeconds: seconds } = this.#found.get(keyOf(program, shape))!.rounds.at(-1)!;
            log(
              `round ${round}: ${shape.name}, ${program.name} on ${program.cores}: ${seconds.toFixed(2)} CPU-s`,
            );
          }
        }
      }
    } finally {
      await this.#stopPrograms();
    }
  }

  measurements(): Measurement[] {
    return [...this.#found.values()];
  }

  async close(): Promise<void> {
    await this.#stopPrograms();
    this.#s3.destroy();
  }

  async #measureOne(program: Program, shape: Shape, ofOneItem: Round): Promise<void> {
    const items = this.#itemsFor(program, shape);
    const { round, rows, sentBytes } = await this.#copy(program, shape, items);
    const earlier = this.#found.get(keyOf(program, shape))?.rounds ?? [];
    const { name, cores, idleMegabytes } = program;
    this.#found.set(keyOf(program, shape), {
      ...{ shape: shape.name, program: name, cores, items, rows, sentBytes },
      jsonBytes: this.#tables.get(shape)!.first(items).jsonBytes,
      oneItemCpuSeconds: ofOneItem.cpuSeconds,
      ...(idleMegabytes === undefined ? {} : { idleMegabytes }),
      rounds: [...earlier, round],
    });
  }

  #itemsFor(program: Program, shape: Shape): number {
    return this.#tables.get(shape)!.itemsOf(this.#options.bytes.get(program.name)!);
  }

  async #copy(program: Program, shape: Shape, items: number) {
    const { jsonBytes } = this.#tables.get(shape)!.first(items);
    this.#pinTo(program.cores);
    resetPeak(program.pid);
    const sentBefore = await this.#server.sentBytes();
    const serversBefore = this.#serversCpuSeconds();
    const cpuBefore = cpuSeconds(program.pid);
    const startedMs = performance.now();
    const copied = await program.copy(tableName(shape.name, items));
    const round: Round = {
      wallSeconds: (performance.now() - startedMs) / 1000,
      cpuSeconds: cpuSeconds(program.pid) - cpuBefore,
      serversCpuSeconds: this.#serversCpuSeconds() - serversBefore,
      peakMegabytes: megabytes(program.pid, 'peak'),
    };
    const sentBytes = (await this.#server.sentBytes()) - sentBefore;
    await this.#deleteCopies();
    if (copied.items !== items || sentBytes < jsonBytes) {
      throw new Error(`${program.name} copied ${copied.items} of ${items} items of ${shape.name}.`);
    }
    return { round, rows: copied.rows, sentBytes };
  }

  async #startPrograms(shapes: readonly Shape[]): Promise<void> {
    const { bytes, cores, addresses, seed, log } = this.#options;
    const environment = this.#environment;
    const orderOf = (table: string) => ({
      dynamodb: this.#server.endpoint,
      s3: addresses.s3.endpoint,
      bucket: addresses.s3.bucket,
      prefix: PREFIX,
      table,
    });
    for (const count of bytes.has('tributary') ? cores : []) {
      this.#pinTo(count);
      const name = `bench-${process.pid}-${++this.#started}`;
      const options = { addresses, environment, cores: this.#coresOf(count), name, prefix: PREFIX };
      this.#programs.push(await startTributary(options));
    }
    const least = this.#coresOf(cores[0] ?? 1);
    if (bytes.has('first-written')) {
      const columns = new Map(shapes.map((shape) => [shape.name, columnsOf(someItems(shape, seed))]));
      const main = fileURLToPath(new URL('first-written-main.ts', import.meta.url));
      this.#programs.push(
        await startLineProgram({
          ...{ name: 'first-written', environment, cores: least },
          command: [process.execPath, '--disable-warning=ExperimentalWarning', main],
          orderOf: (table) => ({
            ...orderOf(table),
            columns: columns.get(table.slice(0, table.lastIndexOf('.'))),
          }),
        }),
      );
    }
    if (bytes.has('dlt')) {
      const command = await dltCommand(log);
      const quiet = { RUNTIME__DLTHUB_TELEMETRY: 'false', RUNTIME__LOG_LEVEL: 'ERROR' };
      this.#programs.push(
        await startLineProgram({
          ...{ name: 'dlt', command, cores: least, orderOf },
          environment: { ...environment, ...quiet },
        }),
      );
    }
  }

  async #stopPrograms(): Promise<void> {
    for (const program of this.#programs.splice(0)) await program.stop();
  }

  #serversCpuSeconds(): number {
    return this.#serverPids().reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  }

  #serverPids(): readonly number[] {
    return [...this.#options.serverPids, this.#server.pid];
  }

  #coresOf(count: number): readonly number[] {
    return this.#allowed.slice(0, count);
  }

  #pinTo(count: number): void {
    const cores = this.#coresOf(count);
    if (cores.length > 0) pin(this.#serverPids(), cores);
  }

  async #deleteCopies(): Promise<void> {
    const store = createS3ObjectStore({ client: this.#s3, bucket: this.#options.addresses.s3.bucket });
    const keys: string[] = [];
    for await (const { key } of store.list(`${PREFIX}/`)) keys.push(key);
    for (let from = 0; from < keys.length; from += 1000) await store.delete(keys.slice(from, from + 1000));
  }
}

/** A user's AWS profile would take precedence over the stack's credentials. */
function withoutAwsSettings(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return Object.fromEntries(kept) as Record<string, string>;
}

function* someItems(shape: Shape, seed: number) {
  const count = shape.name === 'large' ? 10 : KNOWN_ITEMS;
  for (let i = 0; i < count; i++) yield unmarshall(itemOf(shape, seed, i) as Record<string, AttributeValue>);
}

interface PageServerProcess {
  readonly endpoint: string;
  readonly pid: number;
  sentBytes(): Promise<number>;
  stop(): Promise<void>;
}

async function startPageServerProcess(files: readonly string[]): Promise<PageServerProcess> {
  const main = fileURLToPath(new URL('page-server-main.ts', import.meta.url));
  const child = fork(main, files, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const ended = once(child, 'exit');
  const heard = async <T>(): Promise<T> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error('the page server ended'))),
    ]);
    return message as T;
  };
  const { endpoint } = await heard<{ endpoint: string }>();
  return {
    endpoint,
    pid: child.pid as number,
    async sentBytes() {
      const answer = heard<{ sentBytes: number }>();
      child.send('sent');
      return (await answer).sentBytes;
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
