import { CancellationScope, isCancellation, patched, sleep } from '@temporalio/workflow';
import { HALF_DAY_MS } from '../../contract/changes/changes-conditions.ts';

/** The least and the most between two looks: the limit may be lowered meanwhile. */
const LOOK_MS = { least: 60_000, most: 900_000 };

/** How late a destination is, and from which lag on an operator should hear of it. */
interface Lateness {
  readonly lagSeconds: number;
  readonly alertAtLagSeconds: number | undefined;
}

/**
 * Wakes a destination when it may have become late. One that is blocked or paused, that hangs, or that has no worker, has no
 * other news.
 */
export class LagWatch {
  readonly #late: () => Lateness;
  readonly #look: () => void;
  readonly #scope = new CancellationScope();

  /** @param look called when it is time to look */
  constructor(late: () => Lateness, look: () => void) {
    this.#late = late;
    this.#look = look;
  }

  begin(): void {
    if (patched('alert-at-lag')) void this.#scope.run(() => this.#watch());
  }

  cancel(): void {
    this.#scope.cancel();
  }

  async #watch(): Promise<void> {
    try {
      for (;;) {
        const { lagSeconds, alertAtLagSeconds = HALF_DAY_MS / 1000 } = this.#late();
        const leftMs = (alertAtLagSeconds - lagSeconds) * 1000;
        await sleep(leftMs <= 0 ? LOOK_MS.most : Math.min(Math.max(leftMs, LOOK_MS.least), LOOK_MS.most));
        this.#look();
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }
}
