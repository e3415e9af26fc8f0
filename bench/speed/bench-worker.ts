import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { endingWithParent } from '../../local/parts/ending-with-parent.ts';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { megabytes, pinned } from './process-tree.ts';

const WORKER = fileURLToPath(new URL('../../src/workers/main.ts', import.meta.url));
const POLL_MS = 100;
/** https://grpc.io/docs/guides/status-codes/ */
const ALREADY_EXISTS = 6;

interface BenchWorkerOptions {
  readonly temporalAddress: string;
  /** Registered first, if it is new: a namespace of its own, so that no other worker takes its tasks. */
  readonly namespace: string;
  /** All of the worker's variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** The numbers of the cores that it may use; none: any. */
  readonly cores: readonly number[];
}

export interface BenchWorker {
  readonly client: Client;
  readonly pid: number;
  /** When it had just started. */
  readonly idleMegabytes: number;
  /** Rejected, with what the worker logged last, when the worker ends. */
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
}

/** Starts the worker as its users do, in a Temporal namespace of its own, and waits until it polls. */
export async function startBenchWorker(options: BenchWorkerOptions): Promise<BenchWorker> {
  const { namespace } = options;
  const connection = await Connection.connect({ address: options.temporalAddress });
  await register(connection, namespace);
  const [command, words] = endingWithParent(
    ...pinned([process.execPath, '--disable-warning=ExperimentalWarning', WORKER], options.cores),
    'SIGKILL',
  );
  const worker = spawn(command, words, {
    env: { ...options.environment, TRIBUTARY_TEMPORAL_NAMESPACE: namespace },
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
  await Promise.race([failed, untilItPolls(connection, namespace)]);
  return {
    client: new Client({ connection, namespace }),
    pid,
    idleMegabytes: megabytes(pid, 'now'),
    failed,
    async stop() {
      worker.kill('SIGTERM');
      await ended;
      await connection.close();
    },
  };
}

async function register(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
    });
  } catch (error) {
    // An earlier worker had it.
    if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
  }
}

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
