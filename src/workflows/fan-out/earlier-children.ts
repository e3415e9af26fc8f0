import { TemporalFailure } from '@temporalio/common';
import { CancellationScope, log, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { profiles } from '../profiles.ts';

const { cancelChildren } = proxyActivities<ControlActivities>(profiles.short);

/**
 * Does a workflow's work. If it is cancelled or fails after a reset, children from before the reset are cancelled: the
 * workflow may not know of them, whatever phase it is in, and Temporal ends only those that it started since.
 */
export async function cancellingEarlierChildren<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { workflowId, runId, firstExecutionRunId } = workflowInfo();
    const wasReset = runId !== firstExecutionRunId;
    // Any other error is a bug in this code, which fails the workflow task and not the workflow.
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
