import { Context, log } from '@temporalio/activity';
import { loaderWorkflowId, SIGNAL_HINT } from '../../contract/loader.ts';
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

  /** Files have been put into the table's inbox. */
  want(table: TableId, loader: string): void {
    const workflowId = loaderWorkflowId(table);
    this.#loaders.set(workflowId, loader);
    this.#rate.want(workflowId);
  }

  /** Sends hints while `work` runs, and the rest at its end. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    // Temporal's API fails outside of the activity's own asynchronous context, so it is taken here.
    const { client } = Context.current();
    let sending = Promise.resolve();
    const send = () => {
      sending = sending.then(() => this.#send(client, this.#rate.take(performance.now())));
    };
    const timer = setInterval(send, LOOK_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await sending;
      await this.#send(client, this.#rate.takeAll(performance.now()));
    }
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
