import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';

/** What running a worker needs of it. */
export type RunnableWorker = Pick<Worker, 'run' | 'shutdown' | 'getState'>;

const LOOK_EVERY_MS = 2_000;

/**
 * A worker that is created once it is needed: each polls with memory of its own, and most hosts never use all of them.
 */
export class LateWorker implements RunnableWorker {
  readonly #isNeeded: () => Promise<boolean>;
  readonly #create: () => Promise<RunnableWorker>;
  readonly #stopping = new AbortController();
  #worker: RunnableWorker | undefined;
  #state: ReturnType<RunnableWorker['getState']> = 'INITIALIZED';

  /** @param isNeeded asked until it answers yes; must not throw */
  constructor(isNeeded: () => Promise<boolean>, create: () => Promise<RunnableWorker>) {
    this.#isNeeded = isNeeded;
    this.#create = create;
  }

  getState(): ReturnType<RunnableWorker['getState']> {
    return this.#worker?.getState() ?? this.#state;
  }

  shutdown(): void {
    this.#stopping.abort();
    if (this.#worker?.getState() === 'RUNNING') this.#worker.shutdown();
  }

  async run(): Promise<void> {
    this.#state = 'RUNNING';
    const { signal } = this.#stopping;
    try {
      while (!(await this.#isNeeded())) await delay(LOOK_EVERY_MS, undefined, { signal });
      if (signal.aborted) return;
      this.#worker = await this.#create();
      const running = this.#worker.run();
      // A shutdown did not reach it while it was created, and one that never ran would keep its connection.
      if (signal.aborted) this.#worker.shutdown();
      await running;
    } catch (error) {
      if (!(signal.aborted && this.#worker === undefined)) throw error;
    } finally {
      this.#state = 'STOPPED';
    }
  }
}
