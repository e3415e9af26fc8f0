import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { stackEnvironment } from '../../local/stack/addresses.ts';
import { startStack } from '../../local/stack/start-stack.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../src/pipeline/definition/pipeline-definition.ts';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import type { refreshWarehouse } from '../../src/workflows/refresh/refresh-warehouse.ts';
import { checkRun } from './check-run.ts';
import { HOSTILE_MAPPING } from './hostile-table.ts';
import { startPageServer } from './page-server.ts';

/**
 * One run over a table of hostile items, with a real worker process on a local stack:
 * `npm run hostile -- [--items 100000] [--segments 8] [--slots 2] [--megabytes 1500] [--to replace]`.
 *
 * It fails if an item is neither in the part files exactly nor set aside for the right reason, if the worker's peak of
 * memory (Linux) exceeds `--megabytes`, if the worker dies, or if a workflow is left running. 100,000 items are about
 * 2 GB as DynamoDB counts them, and 4.5 GB as JSON.
 */
const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    segments: { type: 'string', default: '8' },
    slots: { type: 'string', default: '2' },
    megabytes: { type: 'string', default: '1500' },
    to: { type: 'string', default: 'replace' },
  },
});
const [items, segments, megabytes] = [values.items, values.segments, values.megabytes].map(Number) as [
  number,
  number,
  number,
];

const directory = mkdtempSync(join(tmpdir(), 'tributary-hostile-'));
const server = await startPageServer(items);
const stack = await startStack({ directory, persist: false, log: console.error });
const { s3, redshiftData, temporal, dynamodb } = stack.addresses;
const environment = {
  ...stackEnvironment({ ...stack.addresses, dynamodb: { ...dynamodb, endpoint: server.endpoint } }),
  TRIBUTARY_EXTRACT_SLOTS: values.slots,
};
const main = fileURLToPath(new URL('../../src/workers/main.ts', import.meta.url));
const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
  env: { ...process.env, ...environment },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const ended = once(worker, 'exit');
const problems: string[] = [];
try {
  const definition = PipelineDefinition.parse({
    source: { kind: 'dynamodb', table: 'hostile', segments },
    // Small cuts: the check holds one at a time in memory, uncompressed.
    staging: { bucket: s3.bucket, cutBytes: 4_000_000, cutSeconds: 15 },
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
  const result = await client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId: 'hostile',
    args: [{ pipeline: 'hostile', definition, to: values.to as 'replace' }],
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  const peakMegabytes = peakOf(worker.pid);
  if (peakMegabytes > megabytes) problems.push(`the worker took ${peakMegabytes} MB, more than ${megabytes}`);
  if (worker.exitCode !== null) problems.push('the worker died');
  // Temporal's list of workflows is a little behind.
  let running = await runningWorkflows(client);
  for (let tries = 0; running.length > 0 && tries < 10; tries++) {
    await setTimeout(3000);
    running = await runningWorkflows(client);
  }
  problems.push(...running.map((workflowId) => `workflow ${workflowId} is left running`));
  Object.assign(process.env, environment);
  const store = dependenciesFromEnvironment(process.env).store(s3.bucket);
  const checked = await checkRun(
    store,
    { ...definition.staging, pipeline: 'hostile', run: result.run },
    items,
  );
  problems.push(...checked.problems);
  const sentMegabytes = Math.round(server.sentBytes / 1e6);
  const { exact, setAside } = checked;
  console.log(
    JSON.stringify({ items, exact, setAside, seconds, sentMegabytes, peakMegabytes, status: result.status }),
  );
  await client.connection.close();
} finally {
  worker.kill('SIGTERM');
  await ended;
  await stack.stop();
  await server.close();
}
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? 'hostile items: passed' : 'hostile items: FAILED');
process.exitCode = problems.length === 0 ? 0 : 1;

async function runningWorkflows(client: Client): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    ids.push(workflowId);
  }
  return ids;
}

/** The largest size of a process so far, in MB; 0 where the system does not say. */
function peakOf(pid: number | undefined): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
  } catch {
    return 0;
  }
}
