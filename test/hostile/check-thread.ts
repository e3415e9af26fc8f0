import { parentPort, workerData } from 'node:worker_threads';
import type { RunRef } from '../../src/pipeline/run/run-ref.ts';
import { dependenciesFromEnvironment } from '../../src/workers/dependencies.ts';
import { checkRun, type Share } from './check-run.ts';

/** What a thread is given to check a share of a run's cuts. It posts what it `Checked`. */
export interface CheckTask {
  readonly environment: Readonly<Record<string, string>>;
  readonly ref: RunRef;
  readonly found: Uint8Array<SharedArrayBuffer>;
  readonly share: Share;
}

const { environment, ref, found, share } = workerData as CheckTask;
Object.assign(process.env, environment);
const store = dependenciesFromEnvironment(process.env).store(ref.bucket);
parentPort?.postMessage(await checkRun(store, ref, found, share));
