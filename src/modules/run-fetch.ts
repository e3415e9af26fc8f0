import { answerOf } from './answer-of.ts';
import type { FetchStart, FromFetch } from './fetch-messages.ts';
import { moduleWorker } from './module-worker.ts';

/**
 * Runs a module's `fetch` in a thread of its own, within limits on time and memory. The thread has none of this process's
 * environment but the secrets that it is given.
 */
export async function runFetch(
  start: FetchStart,
  limits: { readonly seconds: number; readonly memoryMegabytes: number },
  signal: AbortSignal,
): Promise<FromFetch> {
  signal.throwIfAborted();
  return answerOf<FromFetch>(
    moduleWorker('src/modules/fetch-thread.ts', start, limits.memoryMegabytes),
    limits,
    (why, isLate) => ({ kind: isLate ? 'unavailable' : 'failed', message: `fetch: ${why}` }),
    signal,
  );
}
