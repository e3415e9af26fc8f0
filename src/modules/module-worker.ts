import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { packageModule } from '../installation/package-files.ts';

/** Rows of a block die young. */
const YOUNG_MEGABYTES = 48;

/**
 * A thread for a module of an operator, with so much memory. It has none of this process's environment, so that the module finds no
 * credentials there.
 * @param entry of this package: what the thread runs
 * @param start its `workerData`
 */
export function moduleWorker(entry: string, start: unknown, memoryMegabytes: number): Worker {
  // A worker's main thread has a small young generation, and its flag would prevail over the thread's own limit.
  setFlagsFromString('--max-semi-space-size=0');
  return new Worker(packageModule(entry), {
    workerData: start,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
}
