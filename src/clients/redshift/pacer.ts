import type { Clock } from '../clock.ts';
import { WaitQueue } from '../wait-queue.ts';

/**
 * Grants turns at an even rate: the interval between two turns is never shorter than the rate allows. Unused turns do
 * not accumulate, and a process that was suspended does not catch up in a burst, because each turn is timed from when
 * the last one was granted, not from when it was due.
 */
export class Pacer {
  readonly #perSecond: () => number;
  readonly #clock: Clock;
  readonly #queue = new WaitQueue();
  #lastMs = Number.NEGATIVE_INFINITY;
  #isTimed = false;

  /** @param perSecond evaluated for each turn */
  constructor(perSecond: () => number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Waits for a turn, first come, first served. @throws the signal's reason if it is aborted. */
  async turn(signal?: AbortSignal): Promise<void> {
    const turn = this.#queue.wait(signal);
    this.#grantNext();
    await turn;
  }

  #grantNext(): void {
    if (this.#isTimed || this.#queue.isEmpty) return;
    const nowMs = this.#clock.nowMs();
    const waitMs = this.#lastMs + 1000 / this.#perSecond() - nowMs;
    if (waitMs > 0) {
      this.#isTimed = true;
      this.#clock.after(waitMs, () => {
        this.#isTimed = false;
        this.#grantNext();
      });
      return;
    }
    this.#lastMs = nowMs;
    this.#queue.releaseFirst();
    this.#grantNext();
  }
}
