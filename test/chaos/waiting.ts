import { setTimeout } from 'node:timers/promises';

/** Waits until a condition holds, but no longer than this. */
export async function waitAtMost(milliseconds: number, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline && !(await condition())) await setTimeout(50);
}

/** @throws if the work does not end in time */
export async function withTimeLimit<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  const controller = new AbortController();
  try {
    return await Promise.race([
      work,
      setTimeout(milliseconds, undefined, { signal: controller.signal }).then(() => {
        throw new Error(`${what} did not end within ${milliseconds} ms`);
      }),
    ]);
  } finally {
    controller.abort();
  }
}
