import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';

/** What a child says of its failure, beside who it is. */
interface ChildFailure {
  readonly error: string;
}

/** A parent that is gone, or none at all, is no failure: a child can be run alone. */
export async function tellParent(parent: string | undefined, signal: string, told: unknown): Promise<void> {
  if (parent === undefined) return;
  try {
    await getExternalWorkflowHandle(parent).signal(signal, told);
  } catch (error) {
    log.info('the parent is not there to be told', { parent, error: String(error) });
  }
}

/**
 * Does a child's work. Should it fail or be cancelled, the parent is told by its workflow id before the child ends:
 * of a child that somebody else started, or that an earlier execution of the parent did, Temporal tells it nothing.
 */
export async function toldIfFailing<T>(
  parent: string | undefined,
  signal: string,
  who: Record<string, unknown>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    if (patched('tell-parent-of-failure')) {
      const error = isCancellation(failure) ? 'cancelled' : rootCause(failure).message;
      await CancellationScope.nonCancellable(() =>
        tellParent(parent, signal, { ...who, error } satisfies ChildFailure),
      );
    }
    throw failure;
  }
}
