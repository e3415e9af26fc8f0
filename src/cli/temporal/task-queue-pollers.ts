import type { Client } from '@temporalio/client';
import { askPollers, FRESH_SECONDS, POLLED, type Polled, type Poller } from '../../workers/pollers.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/** A run needs workers on both. */
export const NEEDED: readonly Polled[] = [POLLED.workflows, POLLED.extraction];
/** A loader needs workers on these. */
export const NEEDED_BY_LOADERS: readonly Polled[] = [POLLED.workflows, POLLED.loaders];

/** Following a table, and applying its changes, needs workers on these. */
export const NEEDED_BY_CHANGES: readonly Polled[] = [POLLED.workflows, POLLED.activities, POLLED.changes];

/** A dataset needs workers on these. */
export const NEEDED_BY_DATASETS: readonly Polled[] = [POLLED.workflows, POLLED.activities, POLLED.datasets];

/** The workers that have recently polled each task queue. */
export async function pollersOf(
  client: Client,
  nowMs: number,
  needed = NEEDED,
): Promise<{ readonly taskQueue: string; readonly pollers: readonly Poller[] }[]> {
  return Promise.all(
    needed.map(async (polled) => {
      const pollers = await askPollers(client.workflowService, client.options.namespace, polled);
      const fresh = pollers.filter(({ lastSeconds }) => nowMs / 1000 - lastSeconds < FRESH_SECONDS);
      return { taskQueue: polled.taskQueue, pollers: fresh };
    }),
  );
}

/** How long Temporal may take to answer. */
const ANSWER_SECONDS = 5;

/** The task queues that no worker has polled recently. */
export async function queuesWithoutWorker(client: Client, nowMs: number, needed = NEEDED): Promise<string[]> {
  const queues = await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, () =>
    pollersOf(client, nowMs, needed),
  );
  return queues.flatMap(({ taskQueue, pollers }) => (pollers.length === 0 ? [taskQueue] : []));
}

export const noWorkerNote = (queues: readonly string[]): string =>
  `No worker is polling the task ${queues.length === 1 ? 'queue' : 'queues'} ${queues.join(' and ')}, so nothing makes progress. ` +
  `Start one: ${TRIBUTARY} worker`;
