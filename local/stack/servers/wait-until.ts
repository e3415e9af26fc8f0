import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits until `condition` is true. If it throws, that counts as false; its last error becomes the cause of the
 * timeout's error.
 * @throws after `timeoutSeconds`, or when `unless` rejects, whichever comes first
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
      throw new Error(`${limits.what ?? 'the condition'} did not happen within ${limits.timeoutSeconds} s`, {
        cause: lastError,
      });
    }
    await orRejected(wait(pauseMs), limits.unless);
  }
}

/** The awaited process has ended, so waiting longer is pointless. */
export class ProcessEnded extends Error {
  override name = 'ProcessEnded';
  /** How it ended, in short: `exit code 1`. Absent if it was not the process that ended. */
  readonly why: string | undefined;

  constructor(message: string, why?: string) {
    super(message);
    this.why = why;
  }
}

function orRejected<T>(value: T | Promise<T>, unless: Promise<never> | undefined): Promise<T> {
  return unless ? Promise.race([Promise.resolve(value), unless]) : Promise.resolve(value);
}
