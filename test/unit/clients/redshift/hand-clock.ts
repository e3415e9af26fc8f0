import type { Clock } from '../../../../src/clients/redshift/pacer.ts';

/** A clock that goes on only by hand. */
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

  /** Goes on, calling what is due in its order and at its time, and lets what waited for it run. */
  async goOn(ms: number): Promise<void> {
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
    await this.goOn(0);
  }
}

/** All promises that wait for nothing but each other have gone on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
