import { setTimeout } from 'node:timers/promises';

/** Waits between two tries. Each is longer than the one before, so that a long wait costs little processor time. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;

/** Asks until the answer is as wanted; an error counts as another answer. @throws the last error or answer */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  limitMs = 300_000,
): Promise<T> {
  const endMs = Date.now() + limitMs;
  let last: unknown;
  for (let waitMs = FIRST_WAIT_MS; Date.now() < endMs; waitMs = Math.min(1.3 * waitMs, LONGEST_WAIT_MS)) {
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      last = new Error(`not as wanted after ${limitMs} ms: ${JSON.stringify(answer)}`);
    } catch (error) {
      last = error;
    }
    await setTimeout(waitMs);
  }
  throw last;
}
