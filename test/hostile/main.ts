import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { megabytes as megabytesOf } from '../../bench/speed/process-tree.ts';
import { stackEnvironment } from '../../local/stack/addresses.ts';
import { startStack } from '../../local/stack/start-stack.ts';
import { CONTROL_TASK_QUEUE, type Progress, QUERY_PROGRESS } from '../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../src/pipeline/definition/pipeline-definition.ts';
import type { RunRef } from '../../src/pipeline/run/run-ref.ts';
import { findManifest } from '../../src/store/run-files.ts';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import type { refreshWarehouse } from '../../src/workflows/refresh/refresh-warehouse.ts';
import { checkInThreads } from './check-in-threads.ts';
import { HOSTILE_MAPPING } from './hostile-table.ts';
import { startPageServer } from './page-server.ts';

/**
 * One run over a table of hostile items, with a real worker process on a local stack:
 * `npm run hostile -- [--items 10000] [--segments 8] [--slots 2] [--megabytes 1000] [--to replace]`.
 *
 * It fails if an item is neither in the part files exactly nor set aside for the right reason, if the worker's peak of
 * memory (Linux) exceeds `--megabytes`, if the worker dies, or if a workflow is left running. 100,000 items are about
 * 2 GB as DynamoDB counts them, and 4.6 GB as JSON.
 */
const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '10000' },
    segments: { type: 'string', default: '8' },
    slots: { type: 'string', default: '2' },
    megabytes: { type: 'string', default: '1000' },
    to: { type: 'string', default: 'replace' },
  },
});
const [items, segments, megabytes] = [values.items, values.segments, values.megabytes].map(Number) as [
  number,
  number,
  number,
];

const RUN = 'hostile_run';
const directory = mkdtempSync(join(tmpdir(), 'tributary-hostile-'));
const server = await startPageServer(items);
const stack = await startStack({ directory, persist: false, log: console.error });
const { s3, redshiftData, temporal, dynamodb } = stack.addresses;
const environment = {
  ...stackEnvironment({ ...stack.addresses, dynamodb: { ...dynamodb, endpoint: server.endpoint } }),
  TRIBUTARY_EXTRACT_SLOTS: values.slots,
  // As on a small host: with more, V8 lets garbage grow before it collects it.
  TRIBUTARY_EXTRACT_HEAP_MB: '320',
};
const main = fileURLToPath(new URL('../../src/workers/main.ts', import.meta.url));
const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
  env: { ...process.env, ...environment },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const stopped = once(worker, 'exit');
const problems: string[] = [];
try {
  const definition = PipelineDefinition.parse({
    source: { kind: 'dynamodb', table: 'hostile', segments },
    // Small cuts: the check holds one at a time in memory, uncompressed.
    staging: { bucket: s3.bucket, cutBytes: 4_000_000, cutSeconds: 60 },
    warehouse: {
      kind: 'redshift',
      workgroup: redshiftData.workgroup,
      database: redshiftData.database,
      schema: 'hostile',
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
    mapping: HOSTILE_MAPPING,
    maxRejects: items,
  });
  const client = new Client({
    connection: await Connection.connect({ address: temporal.address }),
    namespace: temporal.namespace,
  });
  const started = Date.now();
  const secondsSince = () => Math.round((Date.now() - started) / 1000);
  const run = await client.workflow.start<typeof refreshWarehouse>('refreshWarehouse', {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId: 'hostile',
    args: [{ pipeline: 'hostile', definition, run: RUN, to: values.to as 'replace' }],
  });
  const progress = setInterval(() => {
    const [now, peak] = (['now', 'peak'] as const).map((when) => megabytesOf(worker.pid as number, when));
    const read = Math.round(server.sentBytes / 1e6);
    console.log(`after ${secondsSince()} s: ${read} MB read; the worker has ${now} MB, ${peak} at its peak`);
  }, 10_000);
  let ended = false;
  const finished = run.result().finally(() => {
    ended = true;
    clearInterval(progress);
  });
  const ref = { ...definition.staging, pipeline: 'hostile', run: RUN };
  // A sealed run does not change, so it can be checked while it is loaded.
  const checking = sealed(ref, () => ended).then(async (seconds) => ({
    seconds,
    ...(await checkInThreads(ref, items, environment)),
  }));
  checking.catch(() => undefined);
  const result = await Promise.race([finished, untilWaiting(run, () => ended)]);
  const seconds = secondsSince();
  // Zero where the system does not say.
  const peakMegabytes = megabytesOf(worker.pid as number, 'peak');
  if (peakMegabytes > megabytes) problems.push(`the worker took ${peakMegabytes} MB, more than ${megabytes}`);
  if (worker.exitCode !== null) problems.push('the worker died');
  // Temporal's list of workflows is a little behind.
  let running = await runningWorkflows(client);
  for (let tries = 0; running.length > 0 && tries < 10; tries++) {
    await delay(3000);
    running = await runningWorkflows(client);
  }
  problems.push(...running.map((workflowId) => `workflow ${workflowId} is left running`));
  const { exact, setAside, seconds: sealedSeconds, ...checked } = await checking;
  problems.push(...checked.problems);
  const sentMegabytes = Math.round(server.sentBytes / 1e6);
  const { status } = result;
  console.log(
    JSON.stringify({
      ...{ items, exact, setAside, status, sentMegabytes, peakMegabytes },
      ...{ sealedSeconds, seconds, checkedSeconds: secondsSince() },
    }),
  );
  await client.connection.close();
} finally {
  worker.kill('SIGTERM');
  await stopped;
  await stack.stop();
  await server.close();
}
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? 'hostile items: passed' : 'hostile items: FAILED');
process.exitCode = problems.length === 0 ? 0 : 1;

/** Never returns, but throws if the run waits for an operator: then it would not end. */
async function untilWaiting(run: WorkflowHandle, hasEnded: () => boolean): Promise<never> {
  while (!hasEnded()) {
    await delay(10_000);
    const progress = await run.query<Progress>(QUERY_PROGRESS).catch(() => undefined);
    if (progress?.state === 'waiting') throw new Error('the run waits for an operator: a part of it failed');
  }
  return new Promise(() => undefined);
}

/** Waits for the manifest, or for the run's end. Returns the seconds that took. */
async function sealed(ref: RunRef, hasEnded: () => boolean): Promise<number> {
  const started = Date.now();
  Object.assign(process.env, environment);
  const store = dependenciesFromEnvironment(process.env).store(ref.bucket);
  while (!hasEnded() && (await findManifest(store, ref)) === undefined) await delay(5000);
  return Math.round((Date.now() - started) / 1000);
}

async function runningWorkflows(client: Client): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    ids.push(workflowId);
  }
  return ids;
}
