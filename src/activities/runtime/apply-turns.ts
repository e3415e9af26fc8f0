import { WaitQueue } from '../../clients/wait-queue.ts';

/** One apply holds about `applyBytes` of changes (default: 64 MB), and their rows. */
const MOST_AT_ONCE = 2;

/**
 * Turns of the applies of one process, which bound its memory: an apply has one from reading changes until their files are
 * written. It has none while it waits for changes, or for the warehouse.
 */
export class ApplyTurns {
  readonly #waiting = new WaitQueue();
  readonly #most: number;
  #taken = 0;

  constructor(most = MOST_AT_ONCE) {
    this.#most = most;
  }

  /** Waits for a turn. @returns ends it; it may be called again @throws the signal's reason */
  async take(signal: AbortSignal): Promise<() => void> {
    while (this.#taken >= this.#most) await this.#waiting.wait(signal);
    this.#taken++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken--;
      this.#waiting.releaseFirst();
    };
  }
}
