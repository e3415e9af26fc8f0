import { CancellationScope, condition, isCancellation, proxyActivities } from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { LoaderProgress } from '../../contract/loader/loader.ts';
import type { LoaderActivities, TakeBatchResult } from '../../contract/loader/loader-activities.ts';
import { profiles } from '../profiles.ts';
import { idOf } from './batch-runs.ts';
import type { Failure, LoaderState } from './loader-state.ts';
import { LookTimes } from './look-times.ts';

const short = proxyActivities<LoaderActivities>(profiles.short);

export type LookEvent =
  | { readonly kind: 'looked'; readonly wasFree: boolean; readonly result: TakeBatchResult }
  | { readonly kind: 'look failed'; readonly failure: Failure };

/** What the next execution needs to know of the batches. */
export interface CarriedLooks {
  readonly newest: number;
  readonly tidied: number;
}

/** The looks at a loader's inbox, one at a time and in the background, and what the last one showed. */
export class InboxLooks {
  readonly #loader: string;
  readonly #times = new LookTimes();
  readonly #push: (event: LookEvent) => void;
  #under: CancellationScope | undefined;
  #carried: CarriedLooks;
  /** Since this execution began. */
  hints = 0;
  loaders: readonly string[];
  pauseAfterParked = Number.POSITIVE_INFINITY;
  inbox: LoaderProgress['inbox'] = { files: 0, bytes: 0 };
  /** Why the last look failed, and since when they fail. */
  trouble: LoaderProgress['trouble'];

  constructor(loader: string, push: (event: LookEvent) => void, carried?: CarriedLooks) {
    this.#loader = loader;
    this.#push = push;
    this.loaders = [loader];
    this.#carried = carried ?? { newest: 0, tidied: 0 };
  }

  carry(): CarriedLooks {
    return this.#carried;
  }

  /** Files may have arrived. */
  hint(): void {
    this.hints++;
    this.#times.hint();
  }

  batchStarted(): void {
    this.#times.batchStarted();
  }

  /** Begins a look if one is due. @returns when the next one is; undefined while one is under way */
  beginIfDue(state: LoaderState): number | undefined {
    if (this.#under !== undefined) return undefined;
    const { isFree } = state;
    const nextMs = this.#times.nextMs(isFree, this.trouble !== undefined);
    if (nextMs > Date.now()) return nextMs;
    this.#times.begin();
    this.#under = new CancellationScope();
    void this.#under.run(() => this.#look(state, isFree));
    return undefined;
  }

  /** Gives up the look that is under way. What it takes nevertheless is found by the next one. */
  cancel(): void {
    this.#under?.cancel();
  }

  /** Waits until no look is under way. */
  async ended(): Promise<void> {
    await condition(() => this.#under === undefined);
  }

  looked(
    { loaders, pauseAfterParked, inbox, newest, tidied, dueAt }: TakeBatchResult,
    wasFree: boolean,
  ): void {
    this.trouble = undefined;
    this.loaders = loaders;
    this.pauseAfterParked = pauseAfterParked;
    this.inbox = inbox;
    this.#carried = {
      newest: Math.max(this.#carried.newest, newest),
      tidied: Math.max(this.#carried.tidied, tidied),
    };
    this.#times.end(Date.now(), wasFree, dueAt === undefined ? undefined : Date.parse(dueAt));
  }

  failed(failure: Failure): void {
    const nowMs = Date.now();
    this.trouble = { ...failure, at: this.trouble?.at ?? new Date(nowMs).toISOString() };
    this.#times.end(nowMs, false, undefined);
  }

  async #look(state: LoaderState, isFree: boolean): Promise<void> {
    const batch = state.current?.batch;
    try {
      const result = await short.takeBatch({
        loader: this.#loader,
        open: state.open(),
        ...this.#carried,
        take: isFree,
        describe: state.undescribed(),
        ...(batch === undefined ? {} : { current: { batch, workflowId: idOf(batch) } }),
      });
      this.#push({ kind: 'looked', wasFree: isFree, result });
    } catch (error) {
      if (isCancellation(error)) return;
      const { type, message } = rootCause(error);
      this.#push({ kind: 'look failed', failure: { code: type, error: message } });
    } finally {
      this.#under = undefined;
    }
  }
}
