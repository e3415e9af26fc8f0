import { intervals } from '../profiles.ts';
import type { Children } from './supervise.ts';

/**
 * Looks after external children: nothing reports the end of one that is terminated or times out. It inspects them at growing
 * intervals, in the background, for as long as there are any.
 */
export class ExternalInspection<Output> {
  readonly #children: Pick<Children<Output>, 'inBackground' | 'sleep' | 'closedStatusOf'>;
  readonly #external: () => readonly string[];
  readonly #closed: (child: string, status: string) => void;
  #isRunning = false;

  /** @param closed is called for each that has ended, with how, as Temporal calls it */
  constructor(
    children: Pick<Children<Output>, 'inBackground' | 'sleep' | 'closedStatusOf'>,
    external: () => readonly string[],
    closed: (child: string, status: string) => void,
  ) {
    this.#children = children;
    this.#external = external;
    this.#closed = closed;
  }

  /** Begins, unless it is under way or there is none. Call it whenever one may have become external. */
  beginIfNeeded(): void {
    if (this.#isRunning || this.#external().length === 0) return;
    this.#isRunning = true;
    this.#children.inBackground(async () => {
      try {
        const { first, most } = intervals.inspectionMs;
        for (let waitMs: number = first; this.#external().length > 0; waitMs = Math.min(2 * waitMs, most)) {
          await this.#children.sleep(waitMs);
          const external = this.#external();
          if (external.length === 0) break;
          const statuses = await this.#children.closedStatusOf(external);
          for (const child of external) {
            const status = statuses.get(child);
            if (status !== undefined) this.#closed(child, status);
          }
        }
      } finally {
        this.#isRunning = false;
      }
    });
  }
}
