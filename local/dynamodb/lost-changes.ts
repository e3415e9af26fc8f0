import type { CapturedTable } from './capture.ts';
import { type Answer, RefusedByEmulator } from './upstream.ts';

/**
 * Reads what a write will change. If the emulator refuses the keys, it will refuse the write as well, with the error that
 * the client expects.
 * @returns undefined if it refuses them
 */
export async function readBefore<T extends object>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RefusedByEmulator) return undefined;
    throw error;
  }
}

/** Sends a write of which nothing is known. If it succeeds, the streams count their records as lost. */
export async function sendUnread(
  streams: readonly CapturedTable[],
  send: () => Promise<Answer>,
): Promise<Answer> {
  const answer = await send();
  if (answer.status === 200) for (const stream of new Set(streams)) stream.lose();
  return answer;
}

/**
 * Performs a write. If it fails on the way to the emulator or back, what it changed is not known, and the streams count
 * their records as lost.
 */
export async function losingIfUnknown<T>(
  streams: readonly CapturedTable[],
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    for (const stream of new Set(streams)) stream.lose();
    throw error;
  }
}
