import { setTimeout } from 'node:timers/promises';

/** Keeps one segment to its share of the run's read capacity. */
export class Pace {
  readonly #unitsPerSecond: number | undefined;
  #paidUntilMs = 0;

  /**
   * @param unitsPerSecond of the whole run; no limit where it is undefined
   * @param segmentsAtOnce how many share it: see `segmentsAtOnce`
   */
  constructor(unitsPerSecond: number | undefined, segmentsAtOnce: number) {
    this.#unitsPerSecond = unitsPerSecond && unitsPerSecond / segmentsAtOnce;
  }

  /** Waits as long as the units just spent take at this pace. */
  async spent(units: number, signal: AbortSignal): Promise<void> {
    if (this.#unitsPerSecond === undefined) return;
    const nowMs = Date.now();
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + (units / this.#unitsPerSecond) * 1000;
    // A second's worth may be spent ahead, so that a page is not cut into many small sleeps.
    const waitMs = this.#paidUntilMs - nowMs - 1000;
    if (waitMs > 0) await setTimeout(waitMs, undefined, { signal });
  }
}
