import type { Client } from '@temporalio/client';
import { askPollers, FRESH_SECONDS, POLLED, type Poller } from '../../workers/pollers.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/** A run needs workers on both. */
const NEEDED = [POLLED.workflows, POLLED.extraction];

/** The workers that have recently polled each task queue. */
export async function pollersOf(
  client: Client,
  nowMs: number,
): Promise<{ readonly taskQueue: string; readonly pollers: readonly Poller[] }[]> {
  return Promise.all(
    NEEDED.map(async (needed) => {
      const pollers = await askPollers(client.workflowService, client.options.namespace, needed);
      const fresh = pollers.filter(({ lastSeconds }) => nowMs / 1000 - lastSeconds < FRESH_SECONDS);
      return { taskQueue: needed.taskQueue, pollers: fresh };
    }),
  );
}

/** How long Temporal may take to answer. */
const ANSWER_SECONDS = 5;

/** The task queues that no worker has polled recently. */
export async function queuesWithoutWorker(client: Client, nowMs: number): Promise<string[]> {
  const queues = await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, () =>
    pollersOf(client, nowMs),
  );
  return queues.flatMap(({ taskQueue, pollers }) => (pollers.length === 0 ? [taskQueue] : []));
}

export const noWorkerNote = (queues: readonly string[]): string =>
  `No worker is polling the task ${queues.length === 1 ? 'queue' : 'queues'} ${queues.join(' and ')}, so nothing makes progress. ` +
  `Start one: ${TRIBUTARY} worker`;
