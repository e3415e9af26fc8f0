import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  log,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { alertWorkflowId, type SendAlertInput } from '../../contract/alerts.ts';
import { memoOfChild } from '../as-typed.ts';
import { sendAlert } from './send-alert.ts';

/**
 * Has an event delivered by a workflow of its own, whose id is the event's: it outlives this one, and the same event is
 * never sent by two. Returns once that workflow exists, which takes no worker; a caller that continues need not wait, but
 * one that ends must. Never fails.
 */
export async function raiseAlert(input: SendAlertInput): Promise<void> {
  const { id, kind, pipeline } = input.event;
  try {
    await CancellationScope.nonCancellable(() =>
      startChild(sendAlert, {
        workflowId: alertWorkflowId(id),
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary:
          input.completion === undefined ? `alert: ${pipeline}, ${kind}` : `${pipeline}: recovered?`,
        args: [input],
        ...memoOfChild(),
      }),
    );
  } catch (error) {
    // Before a reset, this workflow raised the same event.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    log.warn('an alert could not be raised', { id, kind, error: String(error) });
  }
}
