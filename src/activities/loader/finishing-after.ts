/** What a stopping worker, or a cancelled activity, still has for writing what it holds. Less than a worker's grace time. */
const FINISH_MS = 15_000;

/** Gives `work` a signal that is aborted some seconds after `stop`, so that it can finish what it has begun. */
export async function finishingAfter<T>(
  stop: AbortSignal,
  work: (finish: AbortSignal) => Promise<T>,
): Promise<T> {
  const finish = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => finish.abort(stop.reason), FINISH_MS);
  };
  if (stop.aborted) begin();
  else stop.addEventListener('abort', begin, { once: true });
  try {
    return await work(finish.signal);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', begin);
  }
}
