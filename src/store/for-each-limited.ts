/**
 * Runs `work` on every element, at most `atOnce` at a time. The first failure aborts the signal of the others and is
 * thrown once they have ended, so that nothing continues unawaited.
 * @param signal aborts all of them from outside
 */
export async function forEachLimited<T>(
  elements: Iterable<T>,
  atOnce: number,
  work: (element: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = elements[Symbol.iterator]();
  const failed = new AbortController();
  const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  let failure: { readonly error: unknown } | undefined;
  const lane = async () => {
    for (let next = iterator.next(); !next.done && failure === undefined; next = iterator.next()) {
      try {
        await work(next.value, ended);
      } catch (error) {
        failure ??= { error };
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (failure !== undefined) throw failure.error;
}
