import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type NativeConnection, Runtime } from '@temporalio/worker';
import type { DataApiShare } from '../clients/redshift/data-api-share.ts';
import { askPollers, FRESH_SECONDS, POLLED, type Poller } from './pollers.ts';

/**
 * This process in Temporal's lists of who polls, and in its histories. Process id and host are not enough: in
 * containers that share the host's name every worker may be number 1.
 */
export const PROCESS_IDENTITY = `${process.pid}-${randomBytes(3).toString('hex')}@${hostname()}`;

/** Workers that start together see each other once each has polled, so the first look is not trusted for long. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * How many worker processes poll, this one included. A poller is alive where it was seen not long before the latest
 * of all: no clock of ours is compared with Temporal's.
 */
export function countLive(pollers: readonly Pick<Poller, 'identity' | 'lastSeconds'>[], own: string): number {
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
      const workers = countLive(await allPollers(connection, namespace), PROCESS_IDENTITY);
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

/**
 * Of all that workers poll. Workflow tasks are short, so a worker always polls for those, while with all slots taken it
 * does not for activities; but of a queue in several partitions Temporal lists the pollers of the first one, where a
 * single poll may not be seen.
 */
async function allPollers(connection: NativeConnection, namespace: string): Promise<Poller[]> {
  const { workflowService } = connection;
  const answers = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    Promise.all(Object.values(POLLED).map((polled) => askPollers(workflowService, namespace, polled))),
  );
  return answers.flat();
}
