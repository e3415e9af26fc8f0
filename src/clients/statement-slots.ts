import { WaitQueue } from './wait-queue.ts';

/**
 * Limits how many transactions run at once, first come, first served. Some slots are reserved for short transactions:
 * otherwise, a run could not even be planned while others load for hours.
 */
export class StatementSlots {
  readonly #limit: () => number;
  readonly #short = new WaitQueue();
  readonly #long = new WaitQueue();
  #taken = 0;
  #takenByLong = 0;

  /** @param limit evaluated whenever a slot is assigned. If it decreases, running transactions are not ended. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /**
   * Runs `work` once a slot is free.
   * @param takes `long` if it may take minutes or more
   * @throws the signal's reason if it is aborted before a slot is free.
   */
  async inSlot<T>(work: () => Promise<T>, takes: 'long' | 'short', signal?: AbortSignal): Promise<T> {
    const isLong = takes === 'long';
    const turn = (isLong ? this.#long : this.#short).wait(signal);
    this.fill();
    await turn;
    try {
      return await work();
    } finally {
      this.#taken--;
      if (isLong) this.#takenByLong--;
      this.fill();
    }
  }

  /** Assigns free slots to the waiting callers. Call it when the limit may have increased. */
  fill(): void {
    const limit = this.#limit();
    const longLimit = limit - reservedForShort(limit);
    for (; this.#taken < limit && !this.#short.isEmpty; this.#taken++) this.#short.releaseFirst();
    while (this.#taken < limit && this.#takenByLong < longLimit && !this.#long.isEmpty) {
      this.#taken++;
      this.#takenByLong++;
      this.#long.releaseFirst();
    }
  }
}

/** An eighth, but at least one, unless there is only one slot. */
const reservedForShort = (limit: number) => (limit < 2 ? 0 : Math.max(1, Math.floor(limit / 8)));
