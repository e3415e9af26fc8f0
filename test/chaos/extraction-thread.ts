import { workerData } from 'node:worker_threads';
import { segmentClients } from '../../src/workers/segment-clients.ts';
import { serveSegments } from '../../src/workers/threads/serve-segments.ts';
import { type ChaosThread, pagesOf } from './pages-of.ts';
import { withoutConditions } from './unguarded.ts';

/** An extraction thread of a chaos worker. */
const { pageItems, unguarded } = workerData as ChaosThread;
const { source, store } = segmentClients(process.env);
serveSegments({
  source: pagesOf(source, pageItems),
  store: unguarded ? (bucket) => withoutConditions(store(bucket)) : store,
});
