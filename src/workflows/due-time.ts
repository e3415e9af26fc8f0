import { defineSearchAttributeKey } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/** Temporal sets it on what a schedule starts: the time at which that was due, also if it is caught up later. */
const SCHEDULED_START = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/** When this workflow was due by its schedule; if none started it, when it started. */
export function dueTime(): Date {
  const { startTime, typedSearchAttributes } = workflowInfo();
  return typedSearchAttributes.get(SCHEDULED_START) ?? startTime;
}
