import type { WorkflowService } from '@temporalio/client';
import { CHANGES_TASK_QUEUE } from '../contract/changes/changes.ts';
import { DATASETS_TASK_QUEUE } from '../contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE, LOADERS_TASK_QUEUE } from '../contract/refresh.ts';

/** A poll without a task lasts a minute; Temporal records its beginning and end, and forgets it after five minutes. */
export const FRESH_SECONDS = 90;

/** Temporal's numbers for the kinds of tasks. */
const WORKFLOW = 1;
const ACTIVITY = 2;

/** Every kind of task that workers poll for. */
export const POLLED = {
  workflows: { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: WORKFLOW },
  activities: { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: ACTIVITY },
  extraction: { taskQueue: EXTRACT_TASK_QUEUE, taskQueueType: ACTIVITY },
  loaders: { taskQueue: LOADERS_TASK_QUEUE, taskQueueType: ACTIVITY },
  changes: { taskQueue: CHANGES_TASK_QUEUE, taskQueueType: ACTIVITY },
  /** Only by workers whose configuration has datasets. */
  datasets: { taskQueue: DATASETS_TASK_QUEUE, taskQueueType: ACTIVITY },
} as const;

/** A kind of task. */
export type Polled = (typeof POLLED)[keyof typeof POLLED];

export interface Poller {
  readonly identity: string;
  /** The build id that its SDK reports; empty if it reports none. */
  readonly buildId: string;
  /** When it last polled, in seconds since 1970 by Temporal's clock. */
  readonly lastSeconds: number;
}

/** The pollers for one kind of task within the last minutes. */
export async function askPollers(
  service: WorkflowService,
  namespace: string,
  { taskQueue, taskQueueType }: Polled,
): Promise<Poller[]> {
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType,
  });
  return (pollers ?? []).map(
    ({ identity, lastAccessTime, workerVersionCapabilities, deploymentOptions }) => ({
      identity: identity ?? '',
      buildId: deploymentOptions?.buildId || workerVersionCapabilities?.buildId || '',
      lastSeconds: Number(lastAccessTime?.seconds ?? 0),
    }),
  );
}
