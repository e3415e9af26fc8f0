import { type Clock, STEADY_CLOCK } from '../clock.ts';
import { StatementSlots } from '../statement-slots.ts';
import type { DataApiLimits } from './data-api-limits.ts';
import { Pacer } from './pacer.ts';

/**
 * The share of each limit that all workers use together. The rest is for what they do not know about: other callers of
 * the account (query editors, workers of other namespaces), workers that just started, and queries about blocked
 * statements, which bypass the slots.
 */
const ALL_WORKERS_SHARE = 0.8;
/** Regardless of how many workers there are, each can load a table and run one more statement. */
const MIN_STATEMENTS = 2;

/** One worker process's share of the Data API's limits. All workers have equal shares. */
export class DataApiShare {
  /** For transactions, from submission to end. */
  readonly slots: StatementSlots;
  readonly #pacers: ReadonlyMap<string, Pacer>;
  #workers = 1;

  constructor({ callsPerSecond, activeStatements }: DataApiLimits, clock: Clock = STEADY_CLOCK) {
    const share = (limit: number) => (limit * ALL_WORKERS_SHARE) / this.#workers;
    this.slots = new StatementSlots(() => Math.max(MIN_STATEMENTS, Math.floor(share(activeStatements))));
    this.#pacers = new Map(
      Object.entries(callsPerSecond).map(([operation, perSecond]) => [
        operation,
        new Pacer(() => share(perSecond), clock),
      ]),
    );
  }

  /** The number of worker processes that share the limits, including this one. */
  get workers(): number {
    return this.#workers;
  }

  /** Changes the shares from now on. Running calls and statements are not affected. */
  set workers(count: number) {
    this.#workers = Math.max(1, count);
    this.slots.fill();
  }

  /** Waits until the operation may be called. @throws the signal's reason if it is aborted. */
  async turn(operation: string, signal?: AbortSignal): Promise<void> {
    await this.#pacers.get(operation)?.turn(signal);
  }
}
