import { StatementSlots } from '../statement-slots.ts';
import type { DataApiLimits } from './data-api-limits.ts';
import { type Clock, Pacer, steadyClock } from './pacer.ts';

/**
 * The part of each limit that all workers use together. The rest is for what they cannot know: other callers of the
 * account (query editors, other namespaces' workers), a worker that has just started, and the questions about
 * statements that are held up, which wait for no slot.
 */
const WORKERS_PART = 0.8;
/** Even among very many workers each can load one table and do something else besides. */
const MIN_STATEMENTS = 2;

/** What one worker process may use of the Data API's limits: an equal share of what the workers use together. */
export class DataApiShare {
  /** For transactions, from submission to end. */
  readonly slots: StatementSlots;
  readonly #pacers: ReadonlyMap<string, Pacer>;
  #workers = 1;

  constructor({ callsPerSecond, activeStatements }: DataApiLimits, clock: Clock = steadyClock) {
    const share = (limit: number) => (limit * WORKERS_PART) / this.#workers;
    this.slots = new StatementSlots(() => Math.max(MIN_STATEMENTS, Math.floor(share(activeStatements))));
    this.#pacers = new Map(
      Object.entries(callsPerSecond).map(([operation, perSecond]) => [
        operation,
        new Pacer(() => share(perSecond), clock),
      ]),
    );
  }

  /** How many worker processes share the limits, this one included. */
  get workers(): number {
    return this.#workers;
  }

  /** The share of each call and statement from now on; what is under way is left alone. */
  set workers(count: number) {
    this.#workers = Math.max(1, count);
    this.slots.fill();
  }

  /** Waits until this operation may be called. @throws the signal's reason once it is aborted. */
  async turn(operation: string, signal?: AbortSignal): Promise<void> {
    await this.#pacers.get(operation)?.turn(signal);
  }
}
