import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type NativeConnection, Runtime } from '@temporalio/worker';
import type { DataApiShare } from '../clients/data-api-share.ts';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE } from '../workflows/messages.ts';

/**
 * This process in Temporal's lists of who polls, and in its histories. Process id and host are not enough: in
 * containers that share the host's name every worker may be number 1.
 */
export const PROCESS_IDENTITY = `${process.pid}-${randomBytes(3).toString('hex')}@${hostname()}`;

/** A poll that finds no task lasts a minute, and Temporal notes its begin and its end. It forgets after five minutes. */
const FRESH_SECONDS = 90;
/** Workers that start together see each other once each has polled, so the first look is not trusted for long. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const ANSWER_WITHIN_MS = 5_000;

/** Temporal's numbers of the kinds of tasks. */
const WORKFLOW = 1;
const ACTIVITY = 2;
/**
 * All that every worker polls. Workflow tasks are short, so it always polls for those, while with all slots taken it
 * does not for activities; but of a queue in several partitions Temporal lists the pollers of the first one, where a
 * single poll may not be seen.
 */
const POLLED = [
  { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: WORKFLOW },
  { taskQueue: CONTROL_TASK_QUEUE, taskQueueType: ACTIVITY },
  { taskQueue: EXTRACT_TASK_QUEUE, taskQueueType: ACTIVITY },
];

export interface SeenPoller {
  readonly identity: string;
  readonly lastSeconds: number;
}

/**
 * How many worker processes poll, this one included. A poller is alive where it was seen not long before the latest
 * of all: no clock of ours is compared with Temporal's.
 */
export function countLive(pollers: readonly SeenPoller[], own: string): number {
  const latest = Math.max(...pollers.map(({ lastSeconds }) => lastSeconds));
  const live = pollers.filter(({ lastSeconds }) => latest - lastSeconds < FRESH_SECONDS);
  return new Set([own, ...live.map(({ identity }) => identity)]).size;
}

/**
 * Tells the share how many workers there are, now and again and again until `isOver`. Where Temporal does not
 * answer, what was known last holds.
 */
export async function followLiveWorkers(
  connection: NativeConnection,
  namespace: string,
  share: DataApiShare,
  isOver: () => boolean,
): Promise<void> {
  const { logger } = Runtime.instance();
  const look = async () => {
    try {
      const workers = countLive(await askPollers(connection, namespace), PROCESS_IDENTITY);
      if (workers === share.workers) return;
      share.workers = workers;
      logger.info(`${workers} workers share the Redshift Data API's limits`, { namespace });
    } catch (error) {
      logger.debug('Temporal does not say how many workers there are', { namespace, error });
    }
  };
  const lookAfter = (waitMs: number) => {
    const timer = setTimeout(() => {
      if (isOver()) return;
      void look().then(() => lookAfter(Math.min(2 * waitMs, LONGEST_WAIT_MS)));
    }, waitMs);
    timer.unref();
  };
  await look();
  lookAfter(FIRST_WAIT_MS);
}

async function askPollers(connection: NativeConnection, namespace: string): Promise<SeenPoller[]> {
  const answers = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    Promise.all(
      POLLED.map(({ taskQueue, taskQueueType }) =>
        connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: taskQueue },
          taskQueueType,
        }),
      ),
    ),
  );
  return answers.flatMap(({ pollers }) =>
    (pollers ?? []).map(({ identity, lastAccessTime }) => ({
      identity: identity ?? '',
      lastSeconds: Number(lastAccessTime?.seconds ?? 0),
    })),
  );
}
