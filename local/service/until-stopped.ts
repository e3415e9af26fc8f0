/** Resolves with the first SIGTERM or SIGINT. */
export function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Not once: a second signal must not end the process before it has closed.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  return promise;
}
