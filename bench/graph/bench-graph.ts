import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { stringify } from 'yaml';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import { graphWorkflowId, isAllBuilt, type RefreshGraphResult } from '../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import { createWorkers, runWorkers } from '../../src/workers/worker.ts';
import { countedStore, noRequests, type Requests } from './counted-store.ts';

const MODULE = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  account: { type: 'bigint', from: 'account' },
  day: { type: 'date', from: 'day' },
  amount: { type: 'decimal(18,2)', from: 'amount' },
});
`;
const FIRST_MS = Date.UTC(2019, 0, 1);
const DAY_MS = 86_400_000;
const dayAt = (index: number) => new Date(FIRST_MS + index * DAY_MS).toISOString().slice(0, 10);

export interface GraphBenchOptions {
  readonly addresses: StackAddresses;
  readonly directory: string;
  /** Of each source. None has rows, but for the last. */
  readonly days: number;
  readonly sources: number;
  /** The last days, of which statistics are built. */
  readonly builtDays: number;
  readonly log?: (line: string) => void;
}

/** What a run took, and what it left in Temporal. */
export interface GraphRun {
  readonly what: string;
  readonly seconds: number;
  readonly complete: number;
  readonly built: number;
  readonly requests: Requests;
  /** The run continues as new. */
  readonly executions: number;
  /** Of its executions. */
  readonly longestHistory: number;
  readonly largestHistoryBytes: number;
}

/**
 * Runs of a graph with many partitions: sources by day, and statistics that read all of them. First everything; then with nothing
 * changed, by the same worker and by a new one; then with one new file.
 */
export async function benchGraph(options: GraphBenchOptions): Promise<GraphRun[]> {
  const { addresses, directory, days, sources, builtDays } = options;
  const name = `bench-${randomBytes(4).toString('hex')}`;
  const config = configuration(options, name);
  Object.assign(process.env, stackEnvironment(addresses));
  const real = dependenciesFromEnvironment({
    ...(process.env as Record<string, string>),
    ...stackEnvironment(addresses),
    TRIBUTARY_CONFIG: config,
  });
  const { address } = addresses.temporal;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
  });
  const client = new Client({ connection, namespace: name });
  let requests = noRequests();
  const start = async () => {
    const native = await NativeConnection.connect({ address });
    const stopping = new AbortController();
    const workers = await createWorkers({
      ...{ connection: native, namespace: name, extractSlots: 1 },
      dependencies: {
        ...{ stopping: stopping.signal, ...real },
        store: (bucket) => countedStore(real.store(bucket), requests),
      },
    });
    const running = runWorkers(workers);
    return async () => {
      stopping.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await native.close();
    };
  };
  const runs: GraphRun[] = [];
  const run = async (what: string) => {
    options.log?.(what);
    for (const key of Object.keys(requests) as (keyof Requests)[]) requests[key] = 0;
    const beganMs = Date.now();
    const handle = await client.workflow.start('refreshGraph', {
      ...{ workflowId: graphWorkflowId('all', `${runs.length}`), taskQueue: CONTROL_TASK_QUEUE, args: [{}] },
    });
    const result = (await handle.result()) as RefreshGraphResult;
    if (!isAllBuilt(result)) throw new Error(`Not all was built: ${JSON.stringify(result)}`);
    runs.push({
      ...{ what, seconds: (Date.now() - beganMs) / 1000, complete: result.totals.complete },
      ...{ built: result.built, requests: { ...requests } },
      ...(await historiesOf(client, handle.workflowId, handle.firstExecutionRunId)),
    });
  };
  mkdirSync(directory, { recursive: true });
  let stop = await start();
  try {
    await run(`${sources} × ${days} days, ${builtDays} of statistics, from nothing`);
    await run('nothing changed');
    await stop();
    requests = noRequests();
    stop = await start();
    await run('nothing changed, by a new worker');
    const file = gzipSync(JSON.stringify({ account: 1, day: dayAt(days - 1), amount: '1.50' }));
    await real.store(addresses.s3.bucket).put(`${name}-raw/source_0/new.gz`, file);
    await run('one new file');
  } finally {
    await stop();
    await connection.close();
  }
  return runs;
}

function configuration({ addresses, directory, days, sources, builtDays }: GraphBenchOptions, name: string) {
  const { bucket } = addresses.s3;
  const own = join(directory, name);
  mkdirSync(own, { recursive: true });
  const partition = { column: 'day' };
  const names = Array.from({ length: sources }, (_, index) => `source_${index}`);
  writeFileSync(join(own, 'records.ts'), MODULE);
  writeFileSync(
    join(own, 'stats.sql'),
    `SELECT account, sum(amount) AS amount FROM (${names
      .map((each) => `SELECT account, amount FROM ${each}`)
      .join(' UNION ALL ')}) GROUP BY account`,
  );
  const expect = { from: dayAt(0), until: dayAt(days - 1) };
  const datasets = {
    ...Object.fromEntries(
      names.map((each) => [
        each,
        {
          ...{ source: { bucket, prefix: `${name}-raw/${each}/` }, records: './records.ts' },
          ...{ partition, expect },
        },
      ]),
    ),
    stats: {
      ...{ sql: './stats.sql', inputs: Object.fromEntries(names.map((each) => [each, 'same-day'])) },
      ...{ columns: { account: 'bigint', amount: 'decimal(18,2)' }, partition },
      expect: { ...expect, from: dayAt(days - builtDays) },
    },
  };
  const config = join(own, 'tributary.yaml');
  const defaults = { datasets: { store: { bucket, prefix: `${name}-tables` } } };
  writeFileSync(config, stringify({ defaults, datasets }));
  return config;
}

async function historiesOf(client: Client, workflowId: string, first: string) {
  let [executions, longestHistory, largestHistoryBytes] = [0, 0, 0];
  for (let runId: string | undefined = first; runId !== undefined; ) {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId, runId);
    const { historyLength, historySize = 0 } = await handle.describe();
    const { events } = await handle.fetchHistory();
    const last = events?.at(-1);
    executions++;
    longestHistory = Math.max(longestHistory, historyLength);
    largestHistoryBytes = Math.max(largestHistoryBytes, Number(historySize));
    runId = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return { executions, longestHistory, largestHistoryBytes };
}

const whole = (n: number) => Math.round(n).toLocaleString('en');

export const graphText = (runs: readonly GraphRun[]): string =>
  runs
    .map(
      ({ what, seconds, complete, built, requests, executions, longestHistory, largestHistoryBytes }) =>
        `${what}: ${seconds.toFixed(1)} s, ${whole(built)} built, ${whole(complete)} complete\n` +
        `  S3: ${whole(requests.gets)} GETs, ${whole(requests.pointers)} of them of pointers; ${whole(requests.lists)} LISTs, ${whole(requests.puts)} PUTs\n` +
        `  Temporal: ${whole(executions)} ${executions === 1 ? 'execution' : 'executions'}, the longest of ${whole(longestHistory)} events, ${whole(largestHistoryBytes / 1024)} KB`,
    )
    .join('\n');
