import { runWorker } from '../../../src/workers/run-worker.ts';
import { testWorkflowBundle } from '../setup/stack.ts';

/**
 * A worker process like `src/workers/main.ts`, but with the workflows that the tests have bundled once. That bundle lacks
 * the modules of a data converter.
 */
const hasConverter = process.env.TRIBUTARY_DATA_CONVERTER !== undefined;
await runWorker(process.env, hasConverter ? {} : { workflowBundle: testWorkflowBundle() });
