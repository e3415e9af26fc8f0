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

export interface Poller {
  readonly identity: string;
  /** The code it runs, as its SDK names it; empty where it does not tell. */
  readonly buildId: string;
}

/** Who has asked each task queue for tasks of late. */
export async function pollersOf(
  client: Client,
  nowMs: number,
): Promise<{ readonly taskQueue: string; readonly pollers: readonly Poller[] }[]> {
  const { namespace } = client.options;
  return Promise.all(
    NEEDED.map(async ({ taskQueue, taskQueueType }) => {
      const { pollers } = await client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType,
      });
      const fresh = (pollers ?? []).filter(
        ({ lastAccessTime }) => nowMs / 1000 - Number(lastAccessTime?.seconds ?? 0) < FRESH_SECONDS,
      );
      return {
        taskQueue,
        pollers: fresh.map(({ identity, workerVersionCapabilities, deploymentOptions }) => ({
          identity: identity ?? '',
          buildId: deploymentOptions?.buildId || workerVersionCapabilities?.buildId || '',
        })),
      };
    }),
  );
}

/** The task queues that no worker has asked for tasks of late. */
export async function queuesWithoutWorker(client: Client, nowMs: number): Promise<string[]> {
  const queues = await pollersOf(client, nowMs);
  return queues.flatMap(({ taskQueue, pollers }) => (pollers.length === 0 ? [taskQueue] : []));
}

export const noWorkerNote = (queues: readonly string[]): string =>
  `No worker is polling the task queue ${queues.join(' and ')}: nothing goes further without one. ` +
  'Start one with: npx tributary worker';
