import { setTimeout } from 'node:timers/promises';

/** Asks again until the answer is as wanted; errors count as not yet. @throws the last error or answer. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  limitMs = 200_000,
): Promise<T> {
  const endMs = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < endMs) {
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      last = new Error(`still not so after ${limitMs} ms: ${JSON.stringify(answer)}`);
    } catch (error) {
      last = error;
    }
    await setTimeout(50);
  }
  throw last;
}
