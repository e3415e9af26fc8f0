import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits until `condition` holds. A condition that throws counts as not yet; its last error is the cause of
 * the time-out's error.
 * @throws after `timeoutSeconds`, or with `unless`'s rejection, whichever comes first.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  limits: { timeoutSeconds: number; what?: string; unless?: Promise<never> },
): Promise<void> {
  const deadline = Date.now() + limits.timeoutSeconds * 1000;
  let lastError: unknown;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 1.5, 200)) {
    try {
      if (await orRejected(condition(), limits.unless)) return;
    } catch (error) {
      if (error instanceof ProcessEnded) throw error;
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`${limits.what ?? 'the condition'} did not come within ${limits.timeoutSeconds} s`, {
        cause: lastError,
      });
    }
    await orRejected(wait(pauseMs), limits.unless);
  }
}

/** A process ended that was being waited for: there is no use in waiting on. */
export class ProcessEnded extends Error {
  override name = 'ProcessEnded';
}

function orRejected<T>(value: T | Promise<T>, unless: Promise<never> | undefined): Promise<T> {
  return unless ? Promise.race([Promise.resolve(value), unless]) : Promise.resolve(value);
}
