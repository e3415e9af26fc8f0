import { type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { LoadSchedule } from '../../config/schedules/schedule-entry.ts';
import { type BulkLoadInput, bulkLoadWorkflowId } from '../../contract/loader/bulk-load.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { inboxLocation } from '../../pipeline/loader/inbox-pages.ts';
import { type Loaders, loaderNamed } from '../../pipeline/loader/routing.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { CATCH_UP, definitionText, timesOf } from './schedule-parts.ts';

/**
 * A schedule of a loader for Temporal. What it starts takes the date from the time at which it was due, so a start that is
 * late, or is caught up, loads the day that was meant. The memo of its action stores the definition.
 * @throws Refusal `UnknownLoader`
 */
export function loadScheduleOptions(
  name: string,
  definition: LoadSchedule,
  loaders: Loaders,
): ScheduleOptions {
  const { loader, load, daysBack = 0, replace, timezone } = definition;
  const { table } = inboxLocation(loaderNamed(loaders, loader));
  const input: BulkLoadInput = {
    ...{ loader, from: load, dates: { timezone, daysBack } },
    ...(replace === undefined ? {} : { replace }),
  };
  return {
    scheduleId: name,
    spec: timesOf(definition),
    action: {
      type: 'startWorkflow',
      workflowType: 'bulkLoad',
      taskQueue: CONTROL_TASK_QUEUE,
      // Temporal adds the time, which makes it the name of the load.
      workflowId: bulkLoadWorkflowId(table, name),
      args: [input],
      memo: { loader, schedule: name, command: TRIBUTARY, definition: definitionText(definition) },
      staticSummary: `${loader}, by schedule ${name}`,
    },
    // Each start loads a day of its own, so none is left out while an earlier one runs.
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: CATCH_UP, pauseOnFailure: false },
    memo: { tributary: 'file' },
  };
}
