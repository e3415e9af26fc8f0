import type { Worker } from 'node:worker_threads';

/**
 * The only message of a thread, which is ended after it.
 * @param otherwise what stands for it if the thread ends without one, or takes too long
 */
export async function answerOf<Answer>(
  worker: Worker,
  { seconds, memoryMegabytes }: { readonly seconds: number; readonly memoryMegabytes: number },
  otherwise: (why: string, isLate: boolean) => Answer,
  signal: AbortSignal,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  try {
    return await new Promise<Answer>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(() => resolve(otherwise(`it took longer than ${seconds} s`, true)), seconds * 1000);
      worker.once('message', resolve);
      worker.once('error', (error: Error & { readonly code?: string }) =>
        resolve(
          otherwise(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? `it needed more than ${memoryMegabytes} MB of memory`
              : error.message,
            false,
          ),
        ),
      );
      worker.once('exit', (code) => resolve(otherwise(`it ended its thread with code ${code}`, false)));
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
