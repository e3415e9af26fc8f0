import { flushCompileCache } from 'node:module';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Warehouse, WarehouseTarget } from '../../src/clients/warehouse.ts';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import { ExtractionThreads } from '../../src/workers/threads/extraction-threads.ts';
import { createWorkers, runWorkers } from '../../src/workers/worker.ts';
import { type ChaosThread, pagesOf } from './pages-of.ts';
import { unguarded } from './unguarded.ts';

/**
 * A worker process like `src/workers/main.ts`, but with all modules loaded before it receives its addresses: the chaos
 * test starts hundreds of them. One that has survived its schedule can carry out the next order.
 */
export interface WorkerOrder {
  /** Addresses, credentials and namespace, as for `src/workers/main.ts`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workflowBundle: { readonly codePath: string };
  /** Items per scan page: one of DynamoDB's own 1 MB pages would hold a whole segment. */
  readonly pageItems: number;
  readonly cold: boolean;
  readonly unguarded: boolean;
  /** Extracts in a thread of its own, as in production: it takes a second to start. */
  readonly hasThread: boolean;
}

/**
 * A transaction of a killed worker that spans a session keeps its locks for as long: less than the tries of another one, which
 * waits for them.
 */
const SESSION_SECONDS = 8;

/** Changes the page size from now on; the worker confirms it. */
export type PageOrder = Pick<WorkerOrder, 'pageItems'>;

/** Ends what the worker does; then it confirms that it is idle, and can be given another order. */
export interface EndOrder {
  readonly ends: true;
}

let ending = Promise.withResolvers<void>();
const pageItems = new Int32Array(new SharedArrayBuffer(4));

process.once('disconnect', () => process.exit(0));
process.on('message', (message: WorkerOrder | PageOrder | EndOrder) => {
  if ('ends' in message) ending.resolve();
  else if ('environment' in message) carryOut(message);
  else {
    pageItems[0] = message.pageItems;
    process.send?.('heard');
  }
});
// Otherwise, what a process has compiled would be lost with SIGKILL.
flushCompileCache();
process.send?.('loaded');
Runtime.install({ logger: new DefaultLogger('ERROR', () => {}) });

function carryOut(order: WorkerOrder): void {
  ending = Promise.withResolvers<void>();
  pageItems[0] = order.pageItems;
  work(order, ending.promise).then(
    () => process.send?.('idle'),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

async function work(order: WorkerOrder, ends: Promise<void>): Promise<void> {
  Object.assign(process.env, order.environment);
  const real = dependenciesFromEnvironment(process.env);
  const paged = {
    ...real,
    source: pagesOf(real.source, pageItems),
    warehouse: (target: WarehouseTarget) => withShortSessions(real.warehouse(target)),
  };
  const extractThreads = order.hasThread
    ? new ExtractionThreads({
        most: 1,
        heapMegabytes: 512,
        environment: process.env,
        module: new URL('./extraction-thread.ts', import.meta.url),
        data: { pageItems, unguarded: order.unguarded } satisfies ChaosThread,
      })
    : undefined;
  const connection = await connected(order.environment.TRIBUTARY_TEMPORAL_ADDRESS as string);
  const workers = await createWorkers({
    connection,
    namespace: order.environment.TRIBUTARY_TEMPORAL_NAMESPACE as string,
    dependencies: order.unguarded ? unguarded(paged) : paged,
    workflowBundle: order.workflowBundle,
    // A rival finds a slot while another writer's hangs, even on a machine with one core.
    extractSlots: 6,
    extractThreads,
    tuning: {
      // A worker that is stopped or cut off takes a task with each poll that was open.
      ...{ maxConcurrentActivityTaskPolls: 1, maxConcurrentWorkflowTaskPolls: 2 },
      ...{ stickyQueueScheduleToStartTimeout: '1s', shutdownGraceTime: 0 },
      ...(order.cold ? { maxCachedWorkflows: 0 } : {}),
    },
  });
  void ends.then(() => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  await runWorkers(workers);
  await connection.close();
}

const withShortSessions = (warehouse: Warehouse): Warehouse => ({
  ...warehouse,
  submitInSession: (statement, options) =>
    warehouse.submitInSession(statement, { ...options, keepAliveSeconds: SESSION_SECONDS }),
});

/** Starts a worker again if it cannot reach Temporal at its start, as a process supervisor would. */
async function connected(address: string): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}
