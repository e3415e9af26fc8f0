import { Context, log } from '@temporalio/activity';
import { loaderWorkflowId, SIGNAL_HINT } from '../../contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { HintRate } from '../../pipeline/loader/hint-rate.ts';
import type { TableId } from '../../pipeline/loader/loader-directory.ts';

const ANSWER_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 500;

/**
 * Notifies loaders of files that wait, and starts those that do not run. Shared by all watchers of a worker, so that a table
 * gets at most one hint every five seconds. A hint that cannot be sent is sent later; one that a dying worker loses is
 * repeated by the next watcher, which looks into the inboxes first.
 */
export class Hints {
  readonly #rate = new HintRate();
  /** A loader of each table, by the id of its workflow. */
  readonly #loaders = new Map<string, string>();
  /** Activities that may want hints. */
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Files have been put into the table's inbox. */
  want(table: TableId, loader: string): void {
    const workflowId = loaderWorkflowId(table);
    this.#loaders.set(workflowId, loader);
    this.#rate.want(workflowId);
  }

  /**
   * Sends hints while `work` runs. Those that are not due at its end are sent when they are, unless the worker stops or the
   * activity is cancelled: then they are sent at once.
   */
  async during<T>(stop: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { client } = Context.current();
    // A new timer for each activity: the one before may belong to an activity whose worker has stopped.
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#sendDue(client), LOOK_EVERY_MS);
    this.#timer.unref();
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      if (stop.aborted) {
        if (this.#running === 0) clearInterval(this.#timer);
        await this.#send(client, this.#rate.takeAll(performance.now()));
      }
    }
  }

  async #sendDue(client: Context['client']): Promise<void> {
    await this.#send(client, this.#rate.take(performance.now()));
    if (this.#running === 0 && this.#rate.isIdle) clearInterval(this.#timer);
  }

  async #send(client: Context['client'], workflowIds: readonly string[]): Promise<void> {
    await Promise.all(
      workflowIds.map(async (workflowId) => {
        const loader = this.#loaders.get(workflowId);
        try {
          await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
            client.workflow.signalWithStart('loadFiles', {
              ...{ workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [{ loader }], signal: SIGNAL_HINT },
              staticSummary: `loads files into ${workflowId.replace(/^loader\//, '')}`,
            }),
          );
        } catch (error) {
          log.info('a loader could not be notified of files that wait; this is repeated', {
            ...{ workflowId, error: String(error) },
          });
          this.#rate.want(workflowId);
        }
      }),
    );
  }
}
