import { runWorker } from '../../../src/workers/run-worker.ts';
import { testWorkflowBundle } from '../setup/stack.ts';

/** A worker process like `src/workers/main.ts`, but with the workflows that the tests have bundled once. */
await runWorker(process.env, { workflowBundle: testWorkflowBundle() });
