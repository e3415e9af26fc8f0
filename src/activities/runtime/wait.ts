import { setTimeout } from 'node:timers/promises';
import { Transient } from '../../clients/errors.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Waits for something that another worker can wait for just as well, so a worker that is stopping does not.
 * @param then what the other worker does: `waits for the export`
 * @throws Transient `WorkerStopping`
 */
export async function wait(
  ms: number,
  { stopping }: Pick<Dependencies, 'stopping'>,
  then: string,
  signal: AbortSignal,
): Promise<void> {
  const ends = stopping === undefined ? signal : AbortSignal.any([signal, stopping]);
  await setTimeout(Math.max(0, ms), undefined, { signal: ends }).catch(() => {});
  signal.throwIfAborted();
  if (ends.aborted) throw new Transient('WorkerStopping', `the worker is stopping; another one ${then}`);
}
