import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { RunRef } from '../../src/pipeline/run/run-ref.ts';
import { type Checked, together } from './check-run.ts';
import type { CheckTask } from './check-thread.ts';

/** The rows of a cut are garbage once it is checked: with room for them, they need not be copied to the old heap. */
const LIMITS = { maxYoungGenerationSizeMb: 256, maxOldGenerationSizeMb: 4096 };

/** Checks a sealed run with one thread per core. */
export async function checkInThreads(
  ref: RunRef,
  items: number,
  environment: CheckTask['environment'],
): Promise<Checked> {
  const found = new Uint8Array(new SharedArrayBuffer(items));
  const of = availableParallelism();
  const checks = Array.from({ length: of }, async (_, share): Promise<Checked> => {
    const workerData: CheckTask = { environment, ref, found, share: { share, of } };
    const thread = new Worker(new URL('./check-thread.ts', import.meta.url), {
      workerData,
      resourceLimits: LIMITS,
    });
    const [checked] = await once(thread, 'message');
    await thread.terminate();
    return checked as Checked;
  });
  return together(await Promise.all(checks), found);
}
