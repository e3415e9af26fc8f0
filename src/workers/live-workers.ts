import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type NativeConnection, Runtime } from '@temporalio/worker';
import type { DataApiShare } from '../clients/redshift/data-api-share.ts';
import { askPollers, FRESH_SECONDS, POLLED, type Poller } from './pollers.ts';

/**
 * The identity of this process in Temporal's poller lists and histories. Process id and host are not enough: in
 * containers that share a host name, every worker may be process 1.
 */
export const PROCESS_IDENTITY = `${process.pid}-${randomBytes(3).toString('hex')}@${hostname()}`;

/** Workers that start together see each other only once each has polled, so the first count is soon repeated. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * How many worker processes poll, including this one. A poller is alive if Temporal saw it shortly before the most
 * recent poll of all, so our clock is never compared with Temporal's.
 */
export function countLive(pollers: readonly Pick<Poller, 'identity' | 'lastSeconds'>[], own: string): number {
  const latest = pollers.reduce((max, { lastSeconds }) => Math.max(max, lastSeconds), 0);
  const live = pollers.filter(({ lastSeconds }) => latest - lastSeconds < FRESH_SECONDS);
  return new Set([own, ...live.map(({ identity }) => identity)]).size;
}

/**
 * Updates the share with the number of live workers, at intervals, until `isOver`. While Temporal does not answer, the
 * last known number holds.
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
      logger.debug('cannot count the live workers in Temporal', { namespace, error });
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
 * The pollers of every kind of task. A worker polls for workflow tasks all the time, because they are short. It does not
 * poll for activities while all its slots are in use. For a queue with several partitions, Temporal lists only the
 * pollers of the first one, so a single poll may be missed.
 */
async function allPollers(connection: NativeConnection, namespace: string): Promise<Poller[]> {
  const { workflowService } = connection;
  const answers = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    Promise.all(Object.values(POLLED).map((polled) => askPollers(workflowService, namespace, polled))),
  );
  return answers.flat();
}
