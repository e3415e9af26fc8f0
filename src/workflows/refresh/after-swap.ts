import { TemporalFailure } from '@temporalio/common';
import { isCancellation, log } from '@temporalio/workflow';
import { cleanUpFailure } from '../../contract/clean-up-failure.ts';
import { rootCause } from '../../contract/failure.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import { terminalFailure } from '../terminal-failure.ts';

/** Drops what no later step needs. What cannot be dropped now is dropped after the swap, or by `remove-leftovers`. */
export async function droppingIfPossible(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    log.warn('abandoned tables could not be dropped', { why: rootCause(error).message });
  }
}

/** A failure after the swap, which must not look like one that left live unchanged. */
export async function cleaningUp<T>(on: OnStaging, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const { schema, keepBackups } = on.warehouse;
    const left = `backups beyond keepBackups (${keepBackups}), and other staging schemas of this run`;
    const { code, message } = cleanUpFailure({
      schema,
      run: on.ref.run,
      left,
      cause: rootCause(error).message,
    });
    throw terminalFailure(code, message);
  }
}
