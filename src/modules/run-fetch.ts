import type { FetchStart, FromFetch } from './fetch-messages.ts';
import { moduleWorker } from './module-worker.ts';

/**
 * Runs a module's `fetch` in a thread of its own, within limits on time and memory. The thread has none of this process's
 * environment but the secrets that it is given.
 */
export async function runFetch(
  start: FetchStart,
  { seconds, memoryMegabytes }: { readonly seconds: number; readonly memoryMegabytes: number },
  signal: AbortSignal,
): Promise<FromFetch> {
  signal.throwIfAborted();
  const worker = moduleWorker('src/modules/fetch-thread.ts', start, memoryMegabytes);
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  try {
    return await new Promise<FromFetch>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(
        () => resolve({ kind: 'unavailable', message: `fetch took longer than ${seconds} s` }),
        seconds * 1000,
      );
      worker.once('message', resolve);
      worker.once('error', (error: Error) => resolve({ kind: 'failed', message: error.message }));
      worker.once('exit', (code) =>
        resolve({ kind: 'failed', message: `the module ended its thread with code ${code}` }),
      );
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
