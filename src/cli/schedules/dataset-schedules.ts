import { type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { DatasetSchedule } from '../../config/schedule-entry.ts';
import { datasetWorkflowId, type RefreshDatasetInput } from '../../contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { CATCH_UP, definitionText, timesOf } from './schedule-parts.ts';

/**
 * A schedule of a dataset for Temporal. A start is left out while an earlier run is open: the next one takes its files. The memo of its
 * action stores the definition.
 */
export function datasetScheduleOptions(name: string, definition: DatasetSchedule): ScheduleOptions {
  const { dataset } = definition;
  const input: RefreshDatasetInput = { dataset };
  return {
    scheduleId: name,
    spec: timesOf(definition),
    action: {
      type: 'startWorkflow',
      workflowType: 'refreshDataset',
      taskQueue: CONTROL_TASK_QUEUE,
      // Temporal adds the time.
      workflowId: datasetWorkflowId(dataset, name),
      args: [input],
      memo: { dataset, schedule: name, command: TRIBUTARY, definition: definitionText(definition) },
      staticSummary: `${dataset}, by schedule ${name}`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP, pauseOnFailure: false },
    memo: { tributary: 'file' },
  };
}
