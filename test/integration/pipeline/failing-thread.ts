import { workerData } from 'node:worker_threads';
import { segmentClients } from '../../../src/workers/segment-clients.ts';
import { serveSegments } from '../../../src/workers/threads/serve-segments.ts';

/** An extraction thread that runs out of memory at a page of some segments. */
export interface FailingThread {
  /** How often each segment still does so, shared by all threads. */
  readonly failures: Int32Array;
  /** Items per page, so that segments have several. */
  readonly pageItems: number;
}

const { failures, pageItems } = workerData as FailingThread;
const { source, store } = segmentClients(process.env);
serveSegments({
  store,
  source: {
    describe: (table, options) => source.describe(table, options),
    async scanPage(request) {
      if (Atomics.load(failures, request.segment) > 0) {
        Atomics.sub(failures, request.segment, 1);
        let kept: unknown;
        for (;;) kept = { kept, more: Array.from({ length: 1_000 }, (_, i) => ({ i })) };
      }
      return source.scanPage({ ...request, limit: request.limit ?? pageItems });
    },
  },
});
