import type { Clock } from '../../../src/clients/clock.ts';

/** A clock that only tests advance. */
export class HandClock implements Clock {
  #nowMs = 0;
  #timers: { readonly dueMs: number; readonly call: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  /** Who waits for it. */
  get timers(): number {
    return this.#timers.length;
  }

  after(waitMs: number, call: () => void): void {
    this.#timers.push({ dueMs: this.#nowMs + waitMs, call });
  }

  /** Advances the clock. Calls what is due in order and at its time, and lets what waited for it run. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const [first] = this.#timers.toSorted((a, b) => a.dueMs - b.dueMs);
      if (first === undefined || first.dueMs > untilMs) break;
      this.#timers = this.#timers.filter((timer) => timer !== first);
      this.#nowMs = Math.max(this.#nowMs, first.dueMs);
      first.call();
    }
    this.#nowMs = untilMs;
    await settled();
  }

  /** The process stood still: what was due in the meantime is called late, all at once. */
  async standStill(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.advance(0);
  }
}

/** All promises that wait only for each other have continued. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
