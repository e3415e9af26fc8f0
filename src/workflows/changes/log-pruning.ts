import { CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { PrunedLog } from '../../contract/changes/follow-activities.ts';
import { rootCause } from '../../contract/failure.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { profiles } from '../profiles.ts';

const { pruneChangeLog } = proxyActivities<MaintenanceActivities>(profiles.seal);

/** The first time after an execution begins, and from then on. */
const WAITS = { first: '10 minutes', next: '1 day', failed: '1 hour' } as const;

/** What the last pruning left, or why it failed. */
export type LastPruning = PrunedLog | { readonly error: string };

/** Deletes once a day what the log no longer needs, in the background. A failure keeps the log, and is shown. */
export class LogPruning {
  readonly #pipeline: string;
  readonly #changed: () => void;
  readonly #scope = new CancellationScope();
  #last: LastPruning | undefined;

  /** @param changed called when there is a new result */
  constructor(pipeline: string, changed: () => void) {
    this.#pipeline = pipeline;
    this.#changed = changed;
  }

  get last(): LastPruning | undefined {
    return this.#last;
  }

  begin(): void {
    void this.#scope.run(() => this.#prune());
  }

  cancel(): void {
    this.#scope.cancel();
  }

  async #prune(): Promise<void> {
    const pipeline = this.#pipeline;
    try {
      for (let wait: string = WAITS.first; ; ) {
        await sleep(wait as typeof WAITS.first);
        try {
          const summary = `prune the change log of ${pipeline}`;
          this.#last = await pruneChangeLog.executeWithOptions({ summary }, [{ pipeline }]);
          wait = WAITS.next;
        } catch (error) {
          if (isCancellation(error)) throw error;
          this.#last = { error: rootCause(error).message };
          wait = WAITS.failed;
        }
        this.#changed();
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }
}
