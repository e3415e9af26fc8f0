import { useWorkerOptions } from './process-options.ts';

useWorkerOptions();
const { runWorker } = await import('./run-worker.ts');
await runWorker(process.env);
