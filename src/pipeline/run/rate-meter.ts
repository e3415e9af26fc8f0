/** Counts events and tells how many there were per second, over about the last half minute. */
export class RateMeter {
  /** Times in ascending order, each with the events since the time before. */
  readonly #counts: { readonly atMs: number; readonly count: number }[] = [];
  readonly #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  add(count: number, nowMs: number): void {
    this.#counts.push({ atMs: nowMs, count });
    this.#forget(nowMs);
  }

  perSecond(nowMs: number): number {
    this.#forget(nowMs);
    const events = this.#counts.reduce((sum, { count }) => sum + count, 0);
    const spanMs = Math.min(WINDOW_MS, nowMs - this.#sinceMs);
    return spanMs <= 0 ? 0 : (events * 1000) / spanMs;
  }

  #forget(nowMs: number): void {
    while (this.#counts[0] !== undefined && this.#counts[0].atMs <= nowMs - WINDOW_MS) this.#counts.shift();
  }
}

const WINDOW_MS = 30_000;
