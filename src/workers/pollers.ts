import type { WorkflowService } from '@temporalio/client';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE } from '../contract/refresh.ts';

/** A poll that finds no task lasts a minute, and Temporal notes its begin and its end. It forgets after five minutes. */
export const FRESH_SECONDS = 90;

/** Temporal's numbers of the kinds of tasks. */
const WORKFLOW = 1;
const ACTIVITY = 2;

/** All that every worker polls. */
export const POLLED = {
  workflows: { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: WORKFLOW },
  activities: { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: ACTIVITY },
  extraction: { taskQueue: EXTRACT_TASK_QUEUE, taskQueueType: ACTIVITY },
} as const;

export interface Poller {
  readonly identity: string;
  /** The code it runs, as its SDK names it; empty where it does not tell. */
  readonly buildId: string;
  /** When Temporal last heard of it, in seconds since 1970 by Temporal's clock. */
  readonly lastSeconds: number;
}

/** Who has polled for tasks of one kind within the last minutes. */
export async function askPollers(
  service: WorkflowService,
  namespace: string,
  { taskQueue, taskQueueType }: (typeof POLLED)[keyof typeof POLLED],
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
