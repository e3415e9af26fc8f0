import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  batchWorkflowId,
  type LoaderProgress,
  PAUSE,
  RESUME,
  RETRY_BATCH,
  SIGNAL_HINT,
  SKIP_BATCH,
  SPLIT_BATCH,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { ended, resetTo, startWorkflow } from '../workflow-actions.ts';
import type { BadFile } from './schedule.ts';

interface LoaderOfInterest {
  readonly client: Client;
  readonly loader: string;
  readonly loaderId: string;
  readonly watcherId: string;
}

/** What an operator can do to a loader with the Web UI or the CLI. Any action may come too late; then it does nothing. */
export class LoaderOperator {
  readonly #at: LoaderOfInterest;
  readonly #seconds: WorkflowHandle[] = [];

  constructor(at: LoaderOfInterest) {
    this.#at = at;
  }

  async startWatcher(): Promise<void> {
    await this.#start('watchFiles', this.#at.watcherId, { loader: this.#at.loader });
  }

  /** Starts the loader if it does not run, and has it look at its inbox. */
  async hint(): Promise<void> {
    const { client, loader, loaderId } = this.#at;
    await client.workflow.signalWithStart('loadFiles', {
      ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: loaderId },
      ...{ args: [{ loader }], signal: SIGNAL_HINT, signalArgs: [] },
    });
  }

  async progress(): Promise<LoaderProgress | undefined> {
    const query = () => this.#handle(this.#at.loaderId).query<LoaderProgress>(QUERY_PROGRESS);
    return await this.#at.client.withDeadline(Date.now() + 5_000, query).catch(() => undefined);
  }

  /** Terminates the loader and this batch's workflow, and starts the loader again. */
  async restartLoader(batch: number | undefined): Promise<void> {
    const terminate = (id: string) =>
      this.#handle(id)
        .terminate('chaos')
        .catch(() => {});
    await terminate(this.#at.loaderId);
    if (batch !== undefined) await terminate(this.#batchId(batch));
    await this.hint();
  }

  resetLoader = (fraction: number) => resetTo(this.#at.client, this.#at.loaderId, fraction);
  resetWatcher = (fraction: number) => resetTo(this.#at.client, this.#at.watcherId, fraction);
  resetBatch = (batch: number) => resetTo(this.#at.client, this.#batchId(batch), 0);

  /** Starts a second workflow for a batch that may be running, as `temporal workflow start` does. */
  async secondBatch(batch: number): Promise<void> {
    const id = `second-${this.#seconds.length}-of-${this.#batchId(batch)}`;
    this.#seconds.push(await this.#start('loadBatch', id, { loader: this.#at.loader, batch }));
  }

  async askForRetry(by: BadFile['by'], batch?: number): Promise<void> {
    await this.#order(by, RETRY_BATCH, batch);
  }

  async pauseAndResume(): Promise<void> {
    await this.#order('update', PAUSE, 'chaos');
    await this.#order('update', RESUME);
  }

  /** In case a loader was paused, and what should have resumed it came too late. */
  resume = () => this.#order('signal', RESUME);

  skip = (by: BadFile['by'], batch: number) => this.#order(by, SKIP_BATCH, batch);
  split = (by: BadFile['by'], batch: number) => this.#order(by, SPLIT_BATCH, batch);

  /** Waits until the workflows that it started beside the loader have ended, whatever their outcome. */
  async secondsEnded(): Promise<void> {
    await Promise.all(this.#seconds.map(ended));
  }

  /** Cancels the watcher and the loader, which end in order. */
  async stop(): Promise<void> {
    for (const id of [this.#at.watcherId, this.#at.loaderId]) {
      await this.#handle(id)
        .cancel()
        .catch(() => {});
    }
  }

  async #order(by: BadFile['by'], name: string, argument?: unknown): Promise<void> {
    const handle = this.#handle(this.#at.loaderId);
    if (by === 'signal') await handle.signal(name, argument);
    else await handle.executeUpdate(name, { args: [argument] });
  }

  #batchId = (batch: number) => batchWorkflowId(this.#at.loaderId, batch);

  #handle = (id: string) => this.#at.client.workflow.getHandle(id);

  #start(type: string, workflowId: string, input: object): Promise<WorkflowHandle> {
    return startWorkflow(this.#at.client, type, workflowId, input);
  }
}
