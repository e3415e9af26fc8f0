/** Files that no hint announces are found this late. */
const AT_LEAST_EVERY_MS = 60_000;
/** Hints may come by the hundred; each look reads the whole list of the inbox. */
const AT_MOST_EVERY_MS = 1000;

/** When a loader looks at its inbox: at its start, on a hint, when a batch is due, and once a minute. */
export class LookTimes {
  /** When the last look ended. */
  #lastMs: number | undefined;
  /** A batch was to be taken then, and none has been loaded since. */
  #wasFree = false;
  #isHinted = false;
  #dueMs: number | undefined;

  /** Files may have arrived. */
  hint(): void {
    this.#isHinted = true;
  }

  /** A look begins. What is hinted from here on, it may not see. */
  begin(): void {
    this.#isHinted = false;
  }

  /**
   * A look has ended.
   * @param wasFree a batch was to be taken
   * @param dueMs when the next batch will be due by its age
   */
  end(nowMs: number, wasFree: boolean, dueMs: number | undefined): void {
    this.#lastMs = nowMs;
    this.#wasFree = wasFree;
    this.#dueMs = dueMs;
  }

  /** A batch is being loaded: after it, the inbox is looked at again. */
  batchStarted(): void {
    this.#wasFree = false;
  }

  /**
   * When the next look is due: a time in the past if that is now.
   * @param isFree a batch may be taken
   * @param isTroubled the last look failed
   */
  nextMs(isFree: boolean, isTroubled: boolean): number {
    if (this.#lastMs === undefined) return 0;
    const last = this.#lastMs;
    const regular = last + AT_LEAST_EVERY_MS;
    if (!isFree || isTroubled) return regular;
    if (!this.#wasFree) return last;
    const hinted = this.#isHinted ? last : Number.POSITIVE_INFINITY;
    return Math.min(regular, Math.max(last + AT_MOST_EVERY_MS, Math.min(hinted, this.#dueMs ?? regular)));
  }
}
