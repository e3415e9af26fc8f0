import { TemporalFailure } from '@temporalio/common';
import { CancellationScope, log, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { profiles } from '../profiles.ts';

const { cancelChildren } = proxyActivities<ControlActivities>(profiles.short);

/**
 * Does a workflow's work. Should it be cancelled or fail after it was reset, children from before the reset are
 * cancelled: whatever phase it is in by then, it may not know of them, and Temporal ends only those it started since.
 */
export async function cancellingEarlierChildren<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { workflowId, runId, firstExecutionRunId } = workflowInfo();
    const wasReset = runId !== firstExecutionRunId;
    // Anything but a Temporal failure is a fault of this code, which does not end the workflow.
    if (error instanceof TemporalFailure && wasReset && patched('cancel-children-from-before-a-reset')) {
      await CancellationScope.nonCancellable(async () => {
        try {
          await cancelChildren({ parent: workflowId });
        } catch (failure) {
          log.warn('children from before the reset could not be cancelled', { error: String(failure) });
        }
      });
    }
    throw error;
  }
}
