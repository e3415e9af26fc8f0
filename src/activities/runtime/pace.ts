import { setTimeout } from 'node:timers/promises';

/** Keeps one segment to its share of the run's read capacity. */
export class Pace {
  readonly #unitsPerSecond: number | undefined;
  readonly #stopping: AbortSignal | undefined;
  #paidUntilMs = 0;

  /**
   * @param unitsPerSecond read units for the whole run; undefined: no limit
   * @param segmentsAtOnce how many segments share them
   * @param stopping ends every wait, because a stopping worker has little time for its last cut
   */
  constructor(unitsPerSecond: number | undefined, segmentsAtOnce: number, stopping?: AbortSignal) {
    this.#unitsPerSecond = unitsPerSecond && unitsPerSecond / segmentsAtOnce;
    this.#stopping = stopping;
  }

  /** Waits as long as the units just spent take at this pace. @throws AbortError if `signal` aborts during the wait */
  async spent(units: number, signal: AbortSignal): Promise<void> {
    if (this.#unitsPerSecond === undefined) return;
    const nowMs = Date.now();
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + (units / this.#unitsPerSecond) * 1000;
    // One second's worth may be spent in advance, which avoids many short waits per page.
    const waitMs = this.#paidUntilMs - nowMs - 1000;
    if (waitMs <= 0) return;
    const ended = this.#stopping === undefined ? signal : AbortSignal.any([signal, this.#stopping]);
    try {
      await setTimeout(waitMs, undefined, { signal: ended });
    } catch (error) {
      if (signal.aborted || !ended.aborted) throw error;
    }
  }
}
