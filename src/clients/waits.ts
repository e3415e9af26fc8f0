import type { StepProgress, WaitKind } from '../pipeline/run/step-progress.ts';

/** How long a wait lasts before it is shown. An answer that takes some seconds is normal. */
const SHOWN_AFTER_MS: Readonly<Record<WaitKind, number>> = {
  'read rate': 1_000,
  slot: 10_000,
  service: 10_000,
  statement: 10_000,
  lock: 0,
};
/** Which wait to show, if there are several. */
const ORDER: readonly WaitKind[] = ['lock', 'service', 'statement', 'slot', 'read rate'];

/** Gives the reason; `seconds` is how long the wait has lasted, in words. */
type Why = (seconds: string) => string;

interface Wait {
  readonly kind: WaitKind;
  readonly sinceMs: number;
  readonly why: Why;
}

/** What an activity, or a command, waits for at the moment. It may wait for several things at once. */
export class Waits {
  readonly #waits = new Set<Wait>();
  readonly #shownAfterMs: typeof SHOWN_AFTER_MS;

  /** @param shownAfterMs differences from the usual times */
  constructor(shownAfterMs: Partial<typeof SHOWN_AFTER_MS> = {}) {
    this.#shownAfterMs = { ...SHOWN_AFTER_MS, ...shownAfterMs };
  }

  /**
   * @param afterMs how long from now the wait is still normal
   * @returns a function that ends the wait
   */
  begin(kind: WaitKind, why: Why, afterMs = 0): () => void {
    const wait = { kind, why, sinceMs: Date.now() + afterMs };
    this.#waits.add(wait);
    return () => this.#waits.delete(wait);
  }

  /** Shows the wait until `work` has ended. Returns the promise of `work`, not one that awaits it. */
  during<T>(kind: WaitKind, why: Why, work: () => Promise<T>, afterMs = 0): Promise<T> {
    const end = this.begin(kind, why, afterMs);
    try {
      return work().finally(end);
    } catch (error) {
      end();
      throw error;
    }
  }

  /** The longest wait of the most important kind, once it has lasted long enough to be of interest. */
  current(nowMs = Date.now()): StepProgress['waiting'] {
    for (const kind of ORDER) {
      const [longest] = [...this.#waits]
        .filter((wait) => wait.kind === kind && nowMs - wait.sinceMs >= this.#shownAfterMs[kind])
        .sort((a, b) => a.sinceMs - b.sinceMs);
      if (longest !== undefined) {
        const seconds = `${Math.round((nowMs - longest.sinceMs) / 1000)} s`;
        return { for: kind, why: longest.why(seconds), since: new Date(longest.sinceMs).toISOString() };
      }
    }
    return undefined;
  }
}
