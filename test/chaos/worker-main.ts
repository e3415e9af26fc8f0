import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import { createWorkers, runWorkers } from '../../src/workers/worker.ts';
import { unguarded } from './unguarded.ts';

/**
 * A worker process as `src/workers/main.ts` is one, that has all its modules loaded when it is told where to
 * work: hundreds of them start in the chaos test.
 */
export interface WorkerOrder {
  /** Addresses, credentials and namespace, as `src/workers/main.ts` takes them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workflowBundle: { readonly codePath: string };
  /** Items of a scan page: DynamoDB's own pages of 1 MB would be one for a whole segment. */
  readonly pageItems: number;
  readonly cold: boolean;
  readonly unguarded: boolean;
}

/** Other pages from now on; it is answered. */
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
  let { pageItems } = order;
  process.on('message', (changed: PageOrder) => {
    pageItems = changed.pageItems;
    process.send?.('heard');
  });
  const paged = {
    ...real,
    source: {
      describe: (...given: Parameters<typeof real.source.describe>) => real.source.describe(...given),
      scanPage: (request: Parameters<typeof real.source.scanPage>[0]) =>
        real.source.scanPage({ ...request, limit: request.limit ?? pageItems }),
    },
  };
  const connection = await connected(order.environment.TRIBUTARY_TEMPORAL_ADDRESS as string);
  const workers = await createWorkers({
    connection,
    namespace: order.environment.TRIBUTARY_TEMPORAL_NAMESPACE as string,
    dependencies: order.unguarded ? unguarded(paged) : paged,
    workflowBundle: order.workflowBundle,
    // A rival finds a slot while another writer's hangs, also on a machine with one core.
    extractSlots: 6,
    ...(order.cold ? { maxCachedWorkflows: 0 } : {}),
  });
  await runWorkers(workers);
}

/** What a supervisor does for a worker that cannot reach Temporal as it starts: it is started again. */
async function connected(address: string): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}
