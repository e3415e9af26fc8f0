/**
 * The server's time, which a test may advance: results, tokens and sessions expire by it. It never goes back, and
 * never returns the same time twice, so that times order what was created.
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
