import type { FollowStaging, StagingFollowed } from '../../contract/changes/catch-up.ts';

/** A staging schema that a run asked for. */
interface Followed {
  readonly request: FollowStaging;
  readonly step: CatchUpStep;
  readonly rounds: number;
  readonly seconds: number;
  readonly left: number;
  /** The fewest changes that a round left so far, and how many rounds since then left no fewer. */
  readonly least?: number;
  readonly noFewer: number;
  /** Rounds since live was stopped. */
  readonly closing: number;
  /** Shards on which it was behind live when it was compared last. */
  readonly behind?: number;
  /** When it caught up, in milliseconds since 1970. */
  readonly handedOverMs?: number;
  readonly failed?: StagingFollowed['failed'];
}

/**
 * - `alternating`: changes are applied to live and to staging in turn.
 * - `closing`: only to staging, until no shard is behind live.
 * - `caught up`: to neither. The run swaps.
 * - `failed`: only to live. The run was notified why staging cannot follow.
 */
type CatchUpStep = 'alternating' | 'closing' | 'caught up' | 'failed';

export interface CarriedCatchUp {
  readonly current?: Followed | undefined;
  readonly waiting: readonly FollowStaging[];
}

/**
 * A round that may be this much longer than the pace of applies is short: live can be stopped for as long. If the pace is fast, so is
 * one of a few seconds, which the swap takes as well.
 */
const SHORT_ROUND = { paces: 2, seconds: 10 };
/** If so many rounds have left no fewer changes, all capacity is given to staging. */
const NO_FEWER = 10;
/** So many rounds after live was stopped, the run is shown as one that cannot catch up. */
const MANY_CLOSING = 20;
/**
 * How long live is left alone for a swap. A run that takes longer has lost its worker or waits for others: applies to live
 * resume, and the swap's guard then sends it back.
 */
const SWAP_MS = 20 * 60 * 1000;

/**
 * Which schemas the changes are applied to while a run catches up, without anything of Temporal. One run at a time: a second
 * one waits until the first has swapped or ended.
 */
export class CatchUpState {
  #current: Followed | undefined;
  #waiting: FollowStaging[];

  constructor({ current, waiting }: CarriedCatchUp = { waiting: [] }) {
    this.#current = current;
    this.#waiting = [...waiting];
  }

  carry(): CarriedCatchUp {
    return { ...(this.#current === undefined ? {} : { current: this.#current }), waiting: this.#waiting };
  }

  /**
   * A run asks for its staging schema. The same request again changes nothing; a new attempt has to catch up again. A workflow
   * needs one at a time: after a reset, it may have another one, or go back to an earlier run of its own.
   */
  follow(request: FollowStaging): void {
    const isOld = (other: FollowStaging) =>
      other.run === request.run ||
      (other.workflowId === request.workflowId && other.firstExecutionRunId === request.firstExecutionRunId);
    if (this.#current === undefined) {
      this.#current = begun(request);
    } else if (isOld(this.#current.request)) {
      // What it has caught up is not lost: it was behind by a few changes.
      const { attempt, schema } = this.#current.request;
      if (attempt !== request.attempt || schema !== request.schema) this.#current = begun(request);
    } else {
      this.#waiting = [...this.#waiting.filter((other) => !isOld(other)), request];
    }
  }

  /** A run has swapped its staging schema in, or needs it no longer. */
  stop(schema: string): void {
    this.#waiting = this.#waiting.filter((other) => other.schema !== schema);
    if (this.#current?.request.schema !== schema) return;
    const [next, ...others] = this.#waiting;
    this.#current = next && begun(next);
    this.#waiting = others;
  }

  /** The runs whose end would go unnoticed if their workflow was terminated. */
  get runs(): readonly FollowStaging[] {
    return [...(this.#current === undefined ? [] : [this.#current.request]), ...this.#waiting];
  }

  /** The staging schema to apply to; undefined if there is none now. */
  get staging(): FollowStaging | undefined {
    const { step, request } = this.#current ?? {};
    return step === 'alternating' || step === 'closing' ? request : undefined;
  }

  /** Whether changes may be applied to live. */
  appliesToLive(nowMs: number): boolean {
    const { step, handedOverMs = nowMs } = this.#current ?? {};
    return step === 'caught up' ? nowMs - handedOverMs > SWAP_MS : step !== 'closing';
  }

  /** Whether staging has to be compared with live after its round. */
  get isClosing(): boolean {
    return this.#current?.step === 'closing';
  }

  /**
   * Changes were applied to staging, or there were none.
   * @param round its changes, and those that it left in the log: what did not fit, and what has arrived since
   * @param pace the seconds between applies
   */
  applied(
    schema: string,
    round: { readonly seconds: number; readonly changes: number; readonly left: number },
    pace: number,
  ): void {
    const before = this.#current;
    if (before?.request.schema !== schema) return;
    const { seconds, changes, left } = round;
    const { least = Number.POSITIVE_INFINITY } = before;
    const noFewer = left < least ? 0 : before.noFewer + 1;
    // The next round will not be longer.
    const shortSeconds = Math.max(SHORT_ROUND.paces * pace, SHORT_ROUND.seconds);
    const isShort = seconds < shortSeconds && (changes === 0 || left <= changes);
    this.#current = {
      ...before,
      ...{ seconds, left, noFewer, rounds: before.rounds + 1, least: Math.min(left, least) },
      closing: before.step === 'closing' ? before.closing + 1 : 0,
      step: before.step === 'alternating' && (isShort || noFewer >= NO_FEWER) ? 'closing' : before.step,
    };
  }

  /**
   * Staging was compared with live, to which nothing was applied since.
   * @param isPaused the destination is paused: the swap waits until it is resumed, and staging is followed until then
   * @returns whether the run can swap
   */
  compared(
    schema: string,
    behind: number,
    { isPaused, nowMs }: { isPaused: boolean; nowMs: number },
  ): boolean {
    const before = this.#current;
    if (before?.request.schema !== schema || before.step !== 'closing') return false;
    const canSwap = behind === 0 && !isPaused;
    this.#current = {
      ...before,
      behind,
      ...(canSwap && { step: 'caught up' as const, handedOverMs: nowMs }),
    };
    return canSwap;
  }

  /** Staging cannot follow. */
  failed(schema: string, failed: { readonly code: string; readonly message: string }): void {
    const before = this.#current;
    if (before?.request.schema !== schema) return;
    this.#current = { ...before, step: 'failed', failed };
  }

  /** How far the current run is; undefined if there is none. */
  report(isPaused: boolean): StagingFollowed | undefined {
    if (this.#current === undefined) return undefined;
    const { request, rounds, seconds, left, closing, step, behind, failed } = this.#current;
    return {
      ...{ schema: request.schema, attempt: request.attempt, rounds, seconds, left },
      ...(step === 'closing' && closing >= MANY_CLOSING && behind !== 0 ? { cannotCatchUp: true } : {}),
      ...(step === 'closing' && behind === 0 && isPaused ? { paused: true } : {}),
      ...(failed === undefined ? {} : { failed }),
    };
  }

  /** Whether the current run has caught up, and swaps. */
  get isCaughtUp(): boolean {
    return this.#current?.step === 'caught up';
  }
}

const begun = (request: FollowStaging): Followed => ({
  request,
  step: 'alternating',
  ...{ rounds: 0, seconds: 0, left: 0, noFewer: 0, closing: 0 },
});
