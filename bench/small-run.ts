import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client, Connection } from '@temporalio/client';
import { createTable, type Item, loadItems } from '../local/demo/load-items.ts';
import { startStack } from '../local/stack/start-stack.ts';
import { CONTROL_TASK_QUEUE } from '../src/contract/refresh.ts';
import { PipelineDefinition } from '../src/pipeline/definition/pipeline-definition.ts';
import type { refreshWarehouse } from '../src/workflows/refresh/refresh-warehouse.ts';
import { type RunHistory, runHistory } from './run-history.ts';
import { cpuSeconds as cpuSecondsOf } from './speed/process-tree.ts';

/**
 * How long a run of a small table takes on the local stack with a warm worker, and what it leaves in Temporal:
 * `node bin/with-packages.js bench/small-run.ts --items 0 --segments 4 --runs 15`. `first` runs are the first of their
 * pipeline; `next` runs replace what one of the same pipeline has loaded. They take turns. Figures are medians.
 * `--timeline` prints the steps of the last run of each kind.
 */
const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '0' },
    segments: { type: 'string', default: '4' },
    runs: { type: 'string', default: '15' },
    timeline: { type: 'boolean', default: false },
  },
});
const [items, segments, runs] = [values.items, values.segments, values.runs].map(Number) as [
  number,
  number,
  number,
];
const WARM_UP_RUNS = 3;
const TABLE = 'small';

interface Measured extends RunHistory {
  /** From the client's request to its answer. */
  readonly wallSeconds: number;
  /** Of the worker and all servers. */
  readonly cpuSeconds: number;
}

const directory = mkdtempSync(join(tmpdir(), 'tributary-small-run-'));
const stack = await startStack({ directory, persist: false, worker: true, log: console.error });
try {
  const { dynamodb, s3, redshiftData, temporal } = stack.addresses;
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const source = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region, credentials });
  await createTable(source, TABLE);
  const item = (i: number): Item => ({
    pk: { S: `p${i}` },
    sk: { S: 's' },
    name: { S: `item ${i}` },
    amount: { N: String(i) },
    lines: { L: [{ M: { text: { S: `line of ${i}` } } }] },
  });
  await loadItems(
    source,
    TABLE,
    Array.from({ length: items }, (_, i) => item(i)),
  );
  source.destroy();
  const client = new Client({
    connection: await Connection.connect({ address: temporal.address }),
    namespace: temporal.namespace,
  });

  const pids = stack.parts.flatMap((part) => part.process?.pid ?? []);
  const allCpuSeconds = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const run = async (pipeline: string, workflowId: string): Promise<Measured> => {
    const definition = PipelineDefinition.parse({
      source: { kind: 'dynamodb', table: TABLE, segments },
      staging: { bucket: s3.bucket },
      warehouse: {
        kind: 'redshift',
        workgroup: redshiftData.workgroup,
        database: redshiftData.database,
        schema: pipeline,
        iamRole: 'arn:aws:iam::123456789012:role/copy',
      },
    });
    const before = { ms: performance.now(), cpuSeconds: allCpuSeconds() };
    const result = await client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId,
      args: [{ pipeline, definition }],
    });
    const wallSeconds = (performance.now() - before.ms) / 1000;
    const cpuSeconds = allCpuSeconds() - before.cpuSeconds;
    if (result.items !== items) throw new Error(`${result.items} items were copied, not ${items}`);
    return { wallSeconds, cpuSeconds, ...(await runHistory(client, workflowId)) };
  };

  const measured: Record<'first' | 'next', Measured[]> = { first: [], next: [] };
  for (let round = 1 - WARM_UP_RUNS; round <= runs; round++) {
    const pipeline = `small_${round + WARM_UP_RUNS}`;
    const first = await run(pipeline, `${pipeline}-first`);
    const next = await run(pipeline, `${pipeline}-next`);
    if (round < 1) continue;
    measured.first.push(first);
    measured.next.push(next);
  }
  for (const [kind, all] of Object.entries(measured)) {
    if (values.timeline) console.log(timeline(all.at(-1) as Measured));
    console.log(`${kind}: ${figures(all)}`);
  }
  await client.connection.close();
} finally {
  await stack.stop();
}

function figures(all: readonly Measured[]): string {
  const middle = (figure: Exclude<keyof Measured, 'steps'>) =>
    all.map((one) => one[figure]).sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
  return (
    `${middle('wallSeconds').toFixed(2)} s, ${middle('cpuSeconds').toFixed(2)} CPU-seconds, ${middle('events')} events, ${middle('activities')} activities, ` +
    `${middle('workflowTasks')} workflow tasks`
  );
}

/** One line per step: when it was scheduled, how long it waited for a worker, and how long it took. */
function timeline({ steps }: Measured): string {
  const ms = (number: number) => number.toFixed(0).padStart(6);
  return steps
    .map(
      ({ workflowId, name, scheduledMs, startedMs, endedMs }) =>
        `${ms(scheduledMs)} ${ms(startedMs - scheduledMs)} ${ms(endedMs - startedMs)}  ${name.padEnd(20)} ${workflowId}`,
    )
    .join('\n');
}
