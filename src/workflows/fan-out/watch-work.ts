import {
  CancellationScope,
  condition,
  isCancellation,
  log,
  patched,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { delaysKey, type WorkNow } from '../../pipeline/run/work-now.ts';
import { profiles } from '../profiles.ts';

const { watchWork } = proxyActivities<ControlActivities>(profiles.watch);

/** Most runs of small tables are over by then, and cost no more than this timer. */
const FIRST_SECONDS = 10;
/** After each look that found nothing new, the next one may take twice as long, because each adds to the history. */
const AT_MOST_SECONDS = { first: 15, most: 600 };
/** New reasons are shown at once, but if they keep changing, less and less often. */
const PROMPT_CHANGES = 20;

/**
 * What a workflow shows about the work of its activities and children: items, rates, and what is retried or blocked.
 * Nothing depends on it. A day of work costs about a thousand events.
 */
export class WorkWatch {
  readonly #scope = new CancellationScope();

  /**
   * @param isIdle whether nothing runs, e.g. because the run waits for an operator
   * @param show is given what was seen; undefined if nothing runs any more
   */
  begin(isIdle: () => boolean, show: (now: WorkNow | undefined) => void): void {
    if (!patched('watch-work')) return;
    const watch = async () => {
      try {
        await this.#watch(isIdle, show);
      } catch (error) {
        if (!isCancellation(error)) log.warn('the work can no longer be watched', { error: String(error) });
      }
    };
    void this.#scope.run(watch);
  }

  /** Runs `work`, and ends the watch with it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#scope.cancel();
    }
  }

  async #watch(isIdle: () => boolean, show: (now: WorkNow | undefined) => void): Promise<void> {
    await sleep(FIRST_SECONDS * 1000);
    let known = delaysKey({ delays: [], moreDelays: 0 });
    let changes = 0;
    for (let atMostSeconds: number = AT_MOST_SECONDS.first; ; ) {
      await condition(() => !isIdle());
      const quietSeconds = changes < PROMPT_CHANGES ? 0 : Math.min(changes - PROMPT_CHANGES, 60) * 10;
      const now = await watchWork({ known, quietSeconds, atMostSeconds });
      show(isIdle() ? undefined : now);
      const key = delaysKey(now);
      if (key !== known) changes++;
      known = key;
      atMostSeconds = Math.min(2 * atMostSeconds, AT_MOST_SECONDS.most);
    }
  }
}
