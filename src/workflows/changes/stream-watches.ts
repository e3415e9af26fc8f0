import { CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type {
  FollowActivities,
  OpenedLog,
  ReadActivities,
  ShardsSeen,
} from '../../contract/changes/follow-activities.ts';
import { rootCause } from '../../contract/failure.ts';
import { profiles } from '../profiles.ts';
import type { Failure, FollowState } from './follow-state.ts';

const { openLog } = proxyActivities<FollowActivities>(profiles.short);
const { watchShards } = proxyActivities<ReadActivities>(profiles.changes);

export type WatchEvent =
  | { readonly kind: 'seen'; readonly epoch: string; readonly seen: ShardsSeen }
  | { readonly kind: 'opened'; readonly log: OpenedLog }
  /** It was cancelled. If watching was resumed since, another one begins. */
  | { readonly kind: 'watch cancelled'; readonly epoch: string }
  | { readonly kind: 'watch failed'; readonly epoch: string; readonly failure: Failure };

/** The wait after a failure that Temporal does not retry: an operator may have fixed its cause. */
const WAIT_MS = { first: 5_000, most: 60_000 };

/** The watches of the streams that are read: one at a time for each, in the background. */
export class StreamWatches {
  readonly #pipeline: string;
  readonly #push: (event: WatchEvent) => void;
  readonly #underWay = new Map<string, CancellationScope>();
  readonly #failures = new Map<string, number>();

  constructor(pipeline: string, push: (event: WatchEvent) => void) {
    this.#pipeline = pipeline;
    this.#push = push;
  }

  /** Watches each stream that is not being watched. */
  begin(state: FollowState): void {
    for (const { log } of state.epochs) {
      if (this.#underWay.has(log.epoch)) continue;
      const scope = new CancellationScope();
      this.#underWay.set(log.epoch, scope);
      void scope.run(() => this.#watch(log, state));
    }
  }

  cancel(): void {
    for (const scope of this.#underWay.values()) scope.cancel();
  }

  async #watch(log: OpenedLog, state: FollowState): Promise<void> {
    const { epoch, staging } = log;
    try {
      const failures = this.#failures.get(epoch) ?? 0;
      if (failures > 0) await sleep(Math.min(WAIT_MS.first * 2 ** (failures - 1), WAIT_MS.most));
      const known = state.epochs.find((each) => each.log.epoch === epoch);
      if (known === undefined) return;
      // The table's new stream has a log of its own. Until that is open, each watch of this one begins with it.
      if (known.stream === 'replaced' && known === state.newest) {
        const { paused: _, ...opened } = await openLog({ pipeline: this.#pipeline });
        this.#push({ kind: 'opened', log: opened });
      }
      const seen = await watchShards.executeWithOptions({ summary: `the stream of ${this.#pipeline}` }, [
        {
          ...{ pipeline: this.#pipeline, epoch, staging, stream: known.stream },
          known: state.known(epoch),
          gaps: known.gaps.map(({ id }) => id),
        },
      ]);
      this.#failures.delete(epoch);
      this.#push({ kind: 'seen', epoch, seen });
    } catch (error) {
      if (isCancellation(error)) return this.#push({ kind: 'watch cancelled', epoch });
      this.#failures.set(epoch, (this.#failures.get(epoch) ?? 0) + 1);
      const { type, message } = rootCause(error);
      this.#push({ kind: 'watch failed', epoch, failure: { code: type, error: message } });
    } finally {
      this.#underWay.delete(epoch);
    }
  }
}
