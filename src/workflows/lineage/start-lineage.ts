import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  log,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { LineageEvent } from '../../contract/lineage.ts';
import { sendLineage } from './send-lineage.ts';

/** Starts the delivery of an event, once. What cannot be sent costs the run nothing. @param about what and when, for the summary */
export async function startLineage(id: string, about: string, event: LineageEvent): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() =>
      startChild(sendLineage, {
        workflowId: `lineage-${id}`,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `lineage: ${about}`,
        args: [{ event }],
      }),
    );
  } catch (error) {
    // Before a reset, this workflow sent the same event.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    log.warn('a lineage event could not be sent', { about, error: String(error) });
  }
}
