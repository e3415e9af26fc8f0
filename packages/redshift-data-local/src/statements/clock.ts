/**
 * The server's time, which a test may put forward: results, tokens and sessions end by it. Never goes back, and
 * never gives the same moment twice, so that what is created later is later.
 */
export class Clock {
  #ahead = 0;
  #last = 0;

  /** Epoch seconds, to the microsecond. */
  now(): number {
    const now = (performance.timeOrigin + performance.now()) / 1000 + this.#ahead;
    this.#last = Math.max(now, this.#last + 1e-6);
    return this.#last;
  }

  advance(seconds: number): void {
    this.#ahead += seconds;
  }
}
