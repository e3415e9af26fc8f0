import { TemporalFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { DestinationRef } from '../../contract/changes/apply-activities.ts';
import type { ReapplyProgress } from '../../contract/changes/changes.ts';
import type {
  ReapplyActivities,
  ReapplyResult,
  ReapplyRoundActivities,
  RewindOrder,
} from '../../contract/changes/reapply.ts';
import { rootCause } from '../../contract/failure.ts';
import { byteSize, counted, instant } from '../../pipeline/text/measures.ts';
import { OrderRefused } from '../order.ts';
import { profiles } from '../profiles.ts';
import { type CarriedReapply, ReapplyState } from './reapply-state.ts';

const bounded = proxyActivities<ReapplyActivities>(profiles.report);
const rounds = proxyActivities<ReapplyRoundActivities>(profiles.changes);

/** What the loop takes. */
export type ReapplyEvent =
  | { readonly kind: 'reapplied'; readonly result: ReapplyResult }
  | { readonly kind: 'not reapplied'; readonly failure: NonNullable<ReapplyProgress['failure']> }
  | { readonly kind: 'reapply cancelled' };

/** Rewinds of a destination: one at a time, each a number of rounds. */
export class ReapplyRounds {
  readonly #state: ReapplyState;
  readonly #push: (event: ReapplyEvent) => void;
  #running: CancellationScope | undefined;

  constructor(push: (event: ReapplyEvent) => void, carried?: CarriedReapply) {
    this.#push = push;
    this.#state = new ReapplyState(carried);
  }

  carry(): CarriedReapply | undefined {
    return this.#state.carry();
  }

  get progress(): ReapplyProgress | undefined {
    return this.#state.progress;
  }

  /** A round runs: nothing else is applied to live meanwhile. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  get isUnderWay(): boolean {
    return this.#state.isUnderWay;
  }

  /** The round that runs, if any, is tried again later. */
  cancel(): void {
    this.#running?.cancel();
  }

  take(event: ReapplyEvent, nowMs: number): void {
    this.#running = undefined;
    if (event.kind === 'reapplied') this.#state.ended(event.result, nowMs);
    else if (event.kind === 'not reapplied') this.#state.failed(event.failure, nowMs);
  }

  /** Starts the next round, if one is left. @returns whether it did */
  begin(of: DestinationRef): boolean {
    const what = this.#state.next;
    if (what === undefined) return false;
    const scope = new CancellationScope();
    this.#running = scope;
    scope
      .run(() => rounds.reapplyRound({ ...of, what }))
      .then(
        (result) => this.#push({ kind: 'reapplied', result }),
        (error: unknown) => {
          if (isCancellation(error)) return this.#push({ kind: 'reapply cancelled' });
          const { type: code, message } = rootCause(error);
          this.#push({ kind: 'not reapplied', failure: { code, error: message } });
        },
      );
    return true;
  }

  /** @returns the answer to the operator @throws OrderRefused */
  replay(keyHashes: readonly string[] | undefined): string {
    const { isUnderWay, progress } = this.#state;
    if (isUnderWay && progress !== undefined) throw busyWith(progress);
    this.#state.begin({ setAside: keyHashes === undefined ? {} : { keyHashes } }, Date.now());
    return `trying again ${keyHashes === undefined ? 'everything that was set aside' : counted(keyHashes.length, 'key')}`;
  }

  /** @returns the answer to the operator @throws OrderRefused */
  async rewind(of: DestinationRef, { to, dryRun = false }: RewindOrder): Promise<string> {
    const nowMs = Date.now();
    const since = new Date(to).toISOString();
    if (Date.parse(since) > nowMs) throw new OrderRefused(`${since} is in the future.`);
    const { isUnderWay, progress } = this.#state;
    if (isUnderWay && !dryRun && progress !== undefined) {
      if (progress.since === since) return `it is rewound to ${since} already`;
      throw busyWith(progress);
    }
    const { changes, checkpoints, shards, bytes } = await looked(bounded.lookAtRewind({ ...of, since }));
    const size =
      `${counted(changes, 'change')} in ${counted(checkpoints, 'checkpoint')} of ${counted(shards, 'shard')}, ` +
      `${byteSize(bytes)} compressed`;
    const when = instant(new Date(since));
    if (changes === 0) return `nothing to do: the log has no changes since ${when} that are applied`;
    if (dryRun) return `would apply again since ${when}: ${size}`;
    this.#state.begin({ since, keys: { of: 1, number: 0 } }, nowMs);
    return `rewinding to ${when}: ${size}`;
  }
}

const busyWith = ({ kind, since }: ReapplyProgress) =>
  new OrderRefused(
    `${kind === 'rewind' ? `It is being rewound to ${since}` : 'What was set aside is being tried again'}. Wait until that is done.`,
  );

/** The answer of a look, for an operator who waits. @throws OrderRefused with its failure */
async function looked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    throw new OrderRefused(rootCause(error).message);
  }
}
