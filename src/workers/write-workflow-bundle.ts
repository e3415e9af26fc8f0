import { workflowBundle } from './workflow-bundle.ts';

/** `node src/workers/write-workflow-bundle.ts`: bundles the workflows now, so that a checkout's first worker need not. */

await workflowBundle();
