import { WaitingLine } from '../waiting-line.ts';

/** Time as a pacer sees it; a test has its own. */
export interface Clock {
  nowMs(): number;
  after(waitMs: number, call: () => void): void;
}

export const steadyClock: Clock = {
  nowMs: () => performance.now(),
  after(waitMs, call) {
    setTimeout(call, waitMs);
  },
};

/**
 * Gives turns at a rate, evenly: none sooner after the one before than the rate says. There is no burst to save
 * up, and a process that stood still for a while does not catch up with one, since a turn is timed from when the
 * last one was given and not from when it was due.
 */
export class Pacer {
  readonly #perSecond: () => number;
  readonly #clock: Clock;
  readonly #line = new WaitingLine();
  #lastMs = Number.NEGATIVE_INFINITY;
  #isTimed = false;

  /** @param perSecond asked anew for each turn. */
  constructor(perSecond: () => number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Waits for a turn, first come, first served. @throws the signal's reason once it is aborted. */
  async turn(signal?: AbortSignal): Promise<void> {
    const called = this.#line.join(signal);
    this.#callNext();
    await called;
  }

  #callNext(): void {
    if (this.#isTimed || this.#line.isEmpty) return;
    const nowMs = this.#clock.nowMs();
    const waitMs = this.#lastMs + 1000 / this.#perSecond() - nowMs;
    if (waitMs > 0) {
      this.#isTimed = true;
      this.#clock.after(waitMs, () => {
        this.#isTimed = false;
        this.#callNext();
      });
      return;
    }
    this.#lastMs = nowMs;
    this.#line.callFirst();
    this.#callNext();
  }
}
