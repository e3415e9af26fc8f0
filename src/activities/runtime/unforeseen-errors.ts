/** Each worker tries an activity with unforeseen errors this often before an operator must act. */
const MAX_UNFORESEEN_ERRORS = 5;
/** An activity that continues on another worker never ends here, so the oldest are forgotten. */
const ACTIVITIES_REMEMBERED = 1000;

/**
 * The unforeseen errors of each activity on one worker. Temporal's attempt number cannot be used instead: it also
 * counts throttles and stopped workers, so after a few of those, the first unforeseen error would end the activity.
 */
export class UnforeseenErrors {
  /** Number of errors by activity; the activity that failed last comes last. */
  readonly #counts = new Map<string, number>();

  /** Counts one more error. @returns true if the activity is not to be retried; its count then starts again. */
  isLast(activity: string): boolean {
    const count = (this.#counts.get(activity) ?? 0) + 1;
    this.#counts.delete(activity);
    if (count >= MAX_UNFORESEEN_ERRORS) return true;
    this.#counts.set(activity, count);
    for (const [oldest] of this.#counts) {
      if (this.#counts.size <= ACTIVITIES_REMEMBERED) break;
      this.#counts.delete(oldest);
    }
    return false;
  }

  /** The activity completed. */
  forget(activity: string): void {
    this.#counts.delete(activity);
  }
}
