import type { Client } from '@temporalio/client';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE } from '../workflows/messages.ts';

/** A worker asks again at least once a minute; the server remembers one that is gone for five. */
const FRESH_SECONDS = 90;
/** Temporal's numbers of the kinds of tasks. */
const WORKFLOW = 1;
const ACTIVITY = 2;
const NEEDED = [
  { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: WORKFLOW },
  { taskQueue: EXTRACT_TASK_QUEUE, taskQueueType: ACTIVITY },
];

/** The task queues that no worker has asked for tasks of late. */
export async function queuesWithoutWorker(client: Client, nowMs: number): Promise<string[]> {
  const { namespace } = client.options;
  const missing: string[] = [];
  for (const { taskQueue, taskQueueType } of NEEDED) {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType,
    });
    const fresh = (pollers ?? []).some(
      ({ lastAccessTime }) => nowMs / 1000 - Number(lastAccessTime?.seconds ?? 0) < FRESH_SECONDS,
    );
    if (!fresh) missing.push(taskQueue);
  }
  return missing;
}

export const noWorkerNote = (queues: readonly string[]): string =>
  `No worker is polling the task queue ${queues.join(' and ')}: the run goes no further without one. ` +
  'Start one with: npx tributary worker';
