import { CancellationScope, condition, isCancellation, log, patched, sleep } from '@temporalio/workflow';
import { occurrenceOf, rootCause } from '../../contract/failure.ts';
import type { ChildEnd, Children, FailedEnd } from './supervise.ts';

/** What a supervisor needs of children that run in the workflow that calls this, such as activities. */
export type ScopedChildren<Output> = Omit<Children<Output>, 'cancelById' | 'closedStatusOf'>;

/**
 * Children that run in a scope of their own.
 * @param execute runs a child to its end
 * @param endOf what another end than a result means; default: that the child failed
 */
export function scopedChildren<Output>(
  execute: (child: string) => Promise<Output>,
  endOf: (error: unknown) => ChildEnd<Output> = failed,
): ScopedChildren<Output> {
  const launched = new CancellationScope();
  const background = new CancellationScope();

  async function run(child: string, ended: (end: ChildEnd<Output>) => void): Promise<void> {
    try {
      ended({ kind: 'settled', output: await execute(child) });
    } catch (error) {
      ended(endOf(error));
    }
  }

  return {
    launch(child, ended) {
      void launched.run(() => run(child, ended));
    },
    cancelLaunched: () => launched.cancel(),
    until: (isTrue, timeout) => (timeout === undefined ? condition(isTrue) : condition(isTrue, timeout)),
    sleep: (milliseconds) => sleep(milliseconds),
    inBackground(work) {
      const logged = async () => {
        try {
          await work();
        } catch (error) {
          if (!isCancellation(error)) log.warn('work in the background failed', { error: String(error) });
        }
      };
      void background.run(logged);
    },
    stopBackground: () => background.cancel(),
    nonCancellable: (work) => CancellationScope.nonCancellable(work),
    isCancellation,
    patched,
  };
}

export function failed(error: unknown): FailedEnd {
  const { message, type } = rootCause(error);
  return { kind: 'failed', error: message, type, occurrence: occurrenceOf(error) };
}

/** Activities: no other workflow ever has their ids. */
export function activityChildren<Output>(execute: (child: string) => Promise<Output>): Children<Output> {
  return {
    ...scopedChildren(execute),
    cancelById: async () => {},
    closedStatusOf: async () => new Map(),
  };
}
