import { setTimeout } from 'node:timers/promises';

/** Segments are extracted by few slots at once, so a run's rate is shared by about as many. */
const ASSUMED_AT_ONCE = 8;

/** Keeps one segment to its share of the run's read capacity. */
export class Pace {
  readonly #unitsPerSecond: number | undefined;
  #paidUntilMs = 0;

  /** @param unitsPerSecond of the whole run; no limit where it is undefined. */
  constructor(unitsPerSecond: number | undefined, segments: number) {
    this.#unitsPerSecond = unitsPerSecond && unitsPerSecond / Math.min(segments, ASSUMED_AT_ONCE);
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
