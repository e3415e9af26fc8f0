import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import { ExtractionThreads } from '../../src/workers/threads/extraction-threads.ts';
import { createWorkers, runWorkers } from '../../src/workers/worker.ts';
import { type ChaosThread, pagesOf } from './pages-of.ts';
import { unguarded } from './unguarded.ts';

/**
 * A worker process like `src/workers/main.ts`, but with all modules loaded before it receives its addresses: the chaos
 * test starts hundreds of them.
 */
export interface WorkerOrder {
  /** Addresses, credentials and namespace, as for `src/workers/main.ts`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workflowBundle: { readonly codePath: string };
  /** Items per scan page: one of DynamoDB's own 1 MB pages would hold a whole segment. */
  readonly pageItems: number;
  readonly cold: boolean;
  readonly unguarded: boolean;
}

/** Changes the page size from now on; the worker confirms it. */
export type PageOrder = Pick<WorkerOrder, 'pageItems'>;

process.once('disconnect', () => process.exit(0));
process.once('message', (order: WorkerOrder) => {
  void work(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.send?.('loaded');

async function work(order: WorkerOrder): Promise<void> {
  Object.assign(process.env, order.environment);
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}) });
  const real = dependenciesFromEnvironment(process.env);
  const pageItems = new Int32Array(new SharedArrayBuffer(4));
  pageItems[0] = order.pageItems;
  process.on('message', (changed: PageOrder) => {
    pageItems[0] = changed.pageItems;
    process.send?.('heard');
  });
  const paged = { ...real, source: pagesOf(real.source, pageItems) };
  const extractThreads = new ExtractionThreads({
    most: 1,
    heapMegabytes: 512,
    environment: process.env,
    module: new URL('./extraction-thread.ts', import.meta.url),
    data: { pageItems, unguarded: order.unguarded } satisfies ChaosThread,
  });
  const connection = await connected(order.environment.TRIBUTARY_TEMPORAL_ADDRESS as string);
  const workers = await createWorkers({
    connection,
    namespace: order.environment.TRIBUTARY_TEMPORAL_NAMESPACE as string,
    dependencies: order.unguarded ? unguarded(paged) : paged,
    workflowBundle: order.workflowBundle,
    // A rival finds a slot while another writer's hangs, even on a machine with one core.
    extractSlots: 6,
    extractThreads,
    ...(order.cold ? { maxCachedWorkflows: 0 } : {}),
  });
  await runWorkers(workers);
}

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
