import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { endingWithParent } from '../../local/parts/ending-with-parent.ts';
import type { StackAddresses } from '../../local/stack/addresses.ts';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../src/pipeline/definition/pipeline-definition.ts';
import type { refreshWarehouse } from '../../src/workflows/refresh/refresh-warehouse.ts';
import { megabytes, pinned } from './process-tree.ts';
import type { Program } from './program.ts';

const WORKER = fileURLToPath(new URL('../../src/workers/main.ts', import.meta.url));
const POLL_MS = 100;

interface TributaryOptions {
  readonly addresses: StackAddresses;
  /** All of the worker's variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cores: readonly number[];
  /** What this program's namespace, pipelines and runs are called. */
  readonly name: string;
  readonly prefix: string;
}

/**
 * Starts the worker as its users do, in a Temporal namespace of its own, so that no other worker takes its tasks. A copy
 * is a run up to the seal: everything but the load, which is the warehouse's work. Each is the first of a new pipeline,
 * so that no run knows an earlier one's schema.
 */
export async function startTributary(options: TributaryOptions): Promise<Program> {
  const { addresses, cores, name } = options;
  const connection = await Connection.connect({ address: addresses.temporal.address });
  await connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
  });
  const [command, words] = endingWithParent(
    ...pinned([process.execPath, '--disable-warning=ExperimentalWarning', WORKER], cores),
    'SIGKILL',
  );
  const worker = spawn(command, words, {
    env: { ...options.environment, TRIBUTARY_TEMPORAL_NAMESPACE: name },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let logged = '';
  worker.stderr.setEncoding('utf8').on('data', (text: string) => {
    logged = (logged + text).slice(-3000);
  });
  const ended = once(worker, 'exit');
  const failed = ended.then(([code, signal]) => {
    throw new Error(`The worker ended (${signal ?? `exit code ${code}`}):\n${logged}`);
  });
  failed.catch(() => {});
  await once(worker, 'spawn');
  const pid = worker.pid as number;
  const client = new Client({ connection, namespace: name });
  await Promise.race([failed, untilItPolls(connection, name)]);
  let copies = 0;
  return {
    name: 'tributary',
    cores: cores.length,
    pid,
    idleMegabytes: megabytes(pid, 'now'),
    async copy(table) {
      const pipeline = `copy-${++copies}`;
      const result = await Promise.race([
        failed,
        client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
          taskQueue: CONTROL_TASK_QUEUE,
          workflowId: pipeline,
          args: [{ pipeline, definition: definitionOf(table, options), to: 'seal' }],
        }),
      ]);
      if (result.rejects > 0) throw new Error(`${result.rejects} items of ${table} were set aside.`);
      return { items: result.items, rows: result.tables.reduce((sum, { rows }) => sum + rows, 0) };
    },
    async stop() {
      worker.kill('SIGTERM');
      await ended;
      await connection.close();
    },
  };
}

const definitionOf = (table: string, { addresses, prefix, name }: TributaryOptions) =>
  PipelineDefinition.parse({
    source: { kind: 'dynamodb', table },
    staging: { bucket: addresses.s3.bucket, prefix },
    warehouse: {
      kind: 'redshift',
      workgroup: addresses.redshiftData.workgroup,
      database: addresses.redshiftData.database,
      schema: name.replaceAll('-', '_'),
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
  });

async function untilItPolls(connection: Connection, namespace: string): Promise<void> {
  for (const queue of [CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE]) {
    for (;;) {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: queue },
        taskQueueType: 2,
      });
      if (pollers && pollers.length > 0) break;
      await wait(POLL_MS);
    }
  }
}
