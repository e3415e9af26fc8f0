import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import type { StackAddresses } from '../local/stack/addresses.ts';
import { startStack } from '../local/stack/start-stack.ts';
import { type CopyShape, copyShapes } from './local-copy-shapes.ts';
import { cpuSeconds } from './speed/process-tree.ts';

/**
 * Rows that the local Data API copies per CPU-second of its own process, and PostgreSQL's CPU for them (Linux: /proc):
 * `node bench/local-copy.ts --rows 300000 --rounds 5 [--shape single-table] [--server OTHER/src/main.ts]`.
 * With `--server`, which may be repeated, another version's server loads the same files in turn, and the ratio is that
 * of this version to it.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '5' },
    shape: { type: 'string', multiple: true },
    server: { type: 'string', multiple: true },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const FILES = 4;

interface Cost {
  readonly serverSeconds: number;
  readonly postgresSeconds: number;
  readonly wallSeconds: number;
}

/** A server of its own, on a database of its own. */
class MeasuredServer {
  readonly main: string;
  readonly #process: ChildProcess;
  readonly #sdk: RedshiftDataClient;

  private constructor(main: string, process: ChildProcess, endpoint: string) {
    this.main = main;
    this.#process = process;
    this.#sdk = new RedshiftDataClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
  }

  static async start(main: string, name: string, { postgres, s3 }: StackAddresses): Promise<MeasuredServer> {
    const child = spawn(process.execPath, [main], {
      env: {
        PATH: process.env.PATH,
        REDSHIFT_POSTGRES_URL: Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href,
        REDSHIFT_S3_ENDPOINT: s3.endpoint,
        REDSHIFT_S3_ACCESS_KEY_ID: s3.accessKeyId,
        REDSHIFT_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new AbortController();
    child.once('exit', () => ended.abort(new Error(`${main} has ended`)));
    const [line] = (await once(createInterface(child.stdout!), 'line', ended)) as [string];
    return new MeasuredServer(main, child, (JSON.parse(line) as { endpoint: string }).endpoint);
  }

  async run(sql: string): Promise<void> {
    const { Id } = await this.#sdk.send(
      new ExecuteStatementCommand({ WorkgroupName: 'local', Database: 'dev', Sql: sql }),
    );
    for (;;) {
      const { Status, Error: error } = await this.#sdk.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }),
      );
      if (Status === 'FINISHED') return;
      if (Status === 'FAILED' || Status === 'ABORTED') throw new Error(`${sql}: ${error}`);
    }
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#process.pid!);
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
    this.#sdk.destroy();
  }
}

async function load(
  server: MeasuredServer,
  shape: CopyShape,
  prefix: string,
  postmaster: number,
): Promise<Cost> {
  await server.run(`CREATE TABLE loaded (${shape.columns})`);
  const before = { ms: performance.now(), cpu: server.cpuSeconds, postgres: cpuSeconds(postmaster) };
  await server.run(
    `COPY loaded FROM '${prefix}' IAM_ROLE default FORMAT AS CSV NULL AS '${shape.nullAs}' ZSTD DATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF`,
  );
  const cost = {
    serverSeconds: server.cpuSeconds - before.cpu,
    postgresSeconds: cpuSeconds(postmaster) - before.postgres,
    wallSeconds: (performance.now() - before.ms) / 1000,
  };
  await server.run('DROP TABLE loaded');
  return cost;
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

const shapes = copyShapes.filter(({ name }) => values.shape?.includes(name) ?? true);
if (shapes.length === 0)
  throw new Error(`--shape must be one of ${copyShapes.map(({ name }) => name).join(', ')}`);
const mains = [
  fileURLToPath(new URL('../packages/redshift-data-local/src/main.ts', import.meta.url)),
  ...(values.server ?? []),
];
const directory = mkdtempSync(join(tmpdir(), 'tributary-copy-'));
const stack = await startStack({ directory, persist: false, log: console.error });
const servers: MeasuredServer[] = [];
try {
  const { s3: address, postgres } = stack.addresses;
  const s3 = new S3Client({
    endpoint: address.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: address.accessKeyId, secretAccessKey: address.secretAccessKey },
  });
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  const shown = await admin.query<{ data_directory: string }>('SHOW data_directory');
  const postmaster = Number(
    readFileSync(join(shown.rows[0]!.data_directory, 'postmaster.pid'), 'utf8').split('\n')[0],
  );
  await admin.end();
  for (const [index, main] of mains.entries())
    servers.push(await MeasuredServer.start(main, `bench_${index}`, stack.addresses));
  /** Of each server, for as many rows of every shape. */
  const allSeconds = servers.map(() => 0);
  for (const shape of shapes) {
    let csvBytes = 0;
    for (let file = 0; file < FILES; file++) {
      const from = Math.floor((rows * file) / FILES);
      const csv = shape.csv(from, Math.floor((rows * (file + 1)) / FILES));
      csvBytes += csv.length;
      await s3.send(
        new PutObjectCommand({
          Bucket: address.bucket,
          Key: `${shape.name}/${file}.csv.zst`,
          Body: zstdCompressSync(csv),
        }),
      );
    }
    const costs = servers.map((): Cost[] => []);
    // The first round is not counted: code is compiled, and caches fill.
    for (let round = 0; round <= rounds; round++) {
      for (const [index, server] of servers.entries()) {
        const cost = await load(server, shape, `s3://${address.bucket}/${shape.name}/`, postmaster);
        if (round > 0) costs[index]!.push(cost);
      }
    }
    const medians = costs.map((of) => ({
      server: median(of.map(({ serverSeconds }) => serverSeconds)),
      postgres: median(of.map(({ postgresSeconds: seconds }) => seconds)),
      wall: median(of.map(({ wallSeconds }) => wallSeconds)),
    }));
    for (const [index, { server, postgres: postgresCpu, wall }] of medians.entries()) {
      allSeconds[index]! += server;
      const ratio = index === 0 ? '' : `, this version ${(server / medians[0]!.server).toFixed(2)}×`;
      console.log(
        `${shape.name}${index === 0 ? '' : ` (${mains[index]})`}: ${Math.round(rows / server)} rows and ${(csvBytes / 1e6 / server).toFixed(0)} MB of CSV per CPU-second; ` +
          `server ${server.toFixed(2)} CPU-s, PostgreSQL ${postgresCpu.toFixed(2)} CPU-s, ${wall.toFixed(2)} s${ratio}`,
      );
    }
  }
  for (const [index, seconds] of allSeconds.entries()) {
    const ratio = index === 0 ? '' : `, this version ${(seconds / allSeconds[0]!).toFixed(2)}×`;
    console.log(
      `all${index === 0 ? '' : ` (${mains[index]})`}: ${Math.round((shapes.length * rows) / seconds)} rows per CPU-second${ratio}`,
    );
  }
  s3.destroy();
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await stack.stop();
}
