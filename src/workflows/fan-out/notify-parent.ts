import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';

/** What a child reports about its failure, in addition to its name. */
interface ChildFailure {
  readonly error: string;
  /** The failure's code. */
  readonly type?: string;
}

/** Sends a signal to the parent by its workflow id. It is not an error if there is no parent, or the parent has ended. */
export async function notifyParent(
  parent: string | undefined,
  signal: string,
  message: unknown,
): Promise<void> {
  if (parent === undefined) return;
  try {
    await getExternalWorkflowHandle(parent).signal(signal, message);
  } catch (error) {
    log.info('the parent could not be notified', { parent, error: String(error) });
  }
}

/**
 * Does a child's work. If it fails or is cancelled, the parent is notified by its workflow id before the child ends:
 * Temporal reports nothing about a child that an operator or an earlier execution of the parent started.
 */
export async function notifyingOfFailure<T>(
  parent: string | undefined,
  signal: string,
  who: Record<string, unknown>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    if (patched('tell-parent-of-failure')) {
      const { type, message } = rootCause(failure);
      const reported = isCancellation(failure) ? { error: 'cancelled' } : { error: message, type };
      await CancellationScope.nonCancellable(() =>
        notifyParent(parent, signal, { ...who, ...reported } satisfies ChildFailure),
      );
    }
    throw failure;
  }
}
