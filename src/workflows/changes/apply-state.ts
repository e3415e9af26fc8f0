import type { ApplyRoundResult, NeedsRefresh, SkipOrder } from '../../contract/changes/apply-activities.ts';
import type { AppliedRound, ApplyProgress, ApplyTotals, ChangesLag } from '../../contract/changes/changes.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { OrderRefused } from '../order.ts';

/** Why an apply failed, if trying it again does not help. */
export interface ApplyFailure {
  readonly code: string;
  readonly error: string;
}

/** What an execution carries over to the next one. */
export interface CarriedApply {
  readonly paused?: ApplyProgress['paused'];
  readonly blocked?: ApplyProgress['blocked'];
  readonly needsRefresh?: NeedsRefresh & { readonly at: string };
  readonly totals: ApplyTotals;
  readonly since: string;
  readonly last?: AppliedRound;
  readonly lag: ChangesLag;
  readonly lookedAtMs?: number;
  readonly appliedAtMs?: number;
  readonly idle?: string;
  readonly skips?: readonly SkipOrder[];
}

/** What to do next. */
export type NextApply =
  /** Run a round, which applies nothing before so many seconds have passed. */
  | {
      readonly kind: 'apply';
      readonly dueInSeconds: number;
      readonly known?: NeedsRefresh;
      readonly idle?: string;
      readonly skips?: readonly SkipOrder[];
    }
  /** Wait for a message or, if there is one, for this time. */
  | { readonly kind: 'wait'; readonly untilMs?: number };

type StateProgress = Omit<ApplyProgress, 'pipeline' | 'destination'>;

/** The round itself waits for changes that can be applied nevertheless. */
const CHANGES_LOST = 'ChangesLost';
/** A single apply may take this long, and no one is behind. */
const LONG_APPLY_MS = 60_000;
const MOST_ERROR_CHARACTERS = 1000;
/** How often a destination that waits for a refresh looks whether there was one; each look keeps the warehouse awake. */
const LOOKS_MS = { first: 10_000, most: 300_000 };
const NO_TOTALS: ApplyTotals = { rounds: 0, changes: 0, keys: 0, rows: 0, setAside: 0 };
const NO_LAG: ChangesLag = { seconds: 0, bytes: 0, count: 0 };

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * How the changes of a pipeline get to one destination: a state machine with no Temporal in it. It starts nothing; it decides
 * whether a round runs next, and records how rounds end.
 *
 *   idle ──▶ applying ──▶ idle
 *               ├──▶ blocked                ──retryApply──▶ idle
 *               └──▶ waiting for a refresh  ──later, or a message──▶ applying
 *
 * While it is paused, no round begins.
 */
export class ApplyState {
  #isRunning = false;
  /** When the round that runs began, and how long it may wait for changes. */
  #round: { readonly startedMs: number; readonly mostMs: number } | undefined;
  #paused: ApplyProgress['paused'];
  #blocked: ApplyProgress['blocked'];
  #needsRefresh: (NeedsRefresh & { readonly at: string }) | undefined;
  /** When a destination that waits for a refresh looks again, and how long it waits for that. */
  #look: { readonly atMs: number; readonly waitMs: number } | undefined;
  #totals: ApplyTotals;
  #since: string;
  #last: AppliedRound | undefined;
  #lag: ChangesLag;
  #lookedAtMs: number | undefined;
  #appliedAtMs: number | undefined;
  /** What the last round found, if there was nothing to apply. Undefined once it may have changed. */
  #idle: string | undefined;
  /** Until a round has applied something. */
  #skips: readonly SkipOrder[];
  /** Live may have been replaced since the round that runs read its positions. */
  #isOutdated = false;

  /** @param carried what an earlier execution carried over */
  constructor(nowMs: number, carried?: CarriedApply) {
    this.#paused = carried?.paused;
    this.#blocked = carried?.blocked;
    this.#needsRefresh = carried?.needsRefresh;
    this.#totals = carried?.totals ?? NO_TOTALS;
    this.#since = carried?.since ?? iso(nowMs);
    this.#last = carried?.last;
    this.#lag = carried?.lag ?? NO_LAG;
    this.#lookedAtMs = carried?.lookedAtMs;
    this.#appliedAtMs = carried?.appliedAtMs;
    this.#idle = carried?.idle;
    this.#skips = carried?.skips ?? [];
  }

  carry(): CarriedApply {
    return {
      ...(this.#paused === undefined ? {} : { paused: this.#paused }),
      ...(this.#blocked === undefined ? {} : { blocked: this.#blocked }),
      ...(this.#needsRefresh === undefined ? {} : { needsRefresh: this.#needsRefresh }),
      ...{ totals: this.#totals, since: this.#since, lag: this.#lag },
      ...(this.#last === undefined ? {} : { last: this.#last }),
      ...(this.#lookedAtMs === undefined ? {} : { lookedAtMs: this.#lookedAtMs }),
      ...(this.#appliedAtMs === undefined ? {} : { appliedAtMs: this.#appliedAtMs }),
      ...(this.#idle === undefined ? {} : { idle: this.#idle }),
      ...(this.#skips.length === 0 ? {} : { skips: this.#skips }),
    };
  }

  get paused(): ApplyProgress['paused'] {
    return this.#paused;
  }

  get blocked(): ApplyProgress['blocked'] {
    return this.#blocked;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** @param paused as an earlier execution was when it was terminated or cancelled */
  begin(paused: ApplyProgress['paused']): void {
    this.#paused ??= paused;
  }

  /** @param applySeconds from the start of one apply to that of the next; less if more is left than one takes */
  next(nowMs: number, applySeconds: number): NextApply {
    if (this.#isRunning || this.#paused !== undefined || this.#blocked !== undefined) return { kind: 'wait' };
    if (this.#look !== undefined && nowMs < this.#look.atMs)
      return { kind: 'wait', untilMs: this.#look.atMs };
    const isBehind = this.#lag.count > 0 || this.#appliedAtMs === undefined;
    const dueMs = isBehind ? nowMs : (this.#appliedAtMs as number) + applySeconds * 1000;
    return {
      kind: 'apply',
      dueInSeconds: Math.max(0, Math.ceil((dueMs - nowMs) / 1000)),
      ...this.#known(),
      ...(this.#idle === undefined ? {} : { idle: this.#idle }),
      ...(this.#skips.length === 0 ? {} : { skips: this.#skips }),
    };
  }

  #known(): { readonly known?: NeedsRefresh } {
    if (this.#needsRefresh === undefined) return {};
    const { code, message, run } = this.#needsRefresh;
    return { known: { code, message, ...(run === undefined ? {} : { run }) } };
  }

  /** A round was started. @param atMostSeconds for which it waits for changes */
  started(nowMs: number, atMostSeconds: number): void {
    this.#isRunning = true;
    this.#round = { startedMs: nowMs, mostMs: atMostSeconds * 1000 };
    this.#isOutdated = false;
  }

  ended({ applied, lag, needsRefresh, idle }: ApplyRoundResult, nowMs: number): void {
    this.#isRunning = false;
    this.#idle = this.#isOutdated ? undefined : idle;
    this.#lag = lag;
    this.#lookedAtMs = nowMs;
    if (applied !== undefined) {
      this.#skips = [];
      const { rounds, changes, keys, rows, setAside } = this.#totals;
      this.#totals = {
        rounds: rounds + 1,
        changes: changes + applied.changes,
        keys: keys + applied.keys,
        rows: rows + applied.rows,
        setAside: setAside + applied.setAside,
      };
      this.#last = applied;
      this.#appliedAtMs = Date.parse(applied.at) - applied.seconds * 1000;
    }
    if (needsRefresh === undefined) {
      this.#needsRefresh = undefined;
      this.#look = undefined;
      return;
    }
    const at = this.#needsRefresh?.code === needsRefresh.code ? this.#needsRefresh.at : iso(nowMs);
    this.#needsRefresh = { ...needsRefresh, at };
    const waitMs = Math.min(LOOKS_MS.most, this.#look === undefined ? LOOKS_MS.first : this.#look.waitMs * 2);
    // What was lost concerns some shards. The changes of the others are applied at the usual pace.
    this.#look = needsRefresh.code === CHANGES_LOST ? undefined : { atMs: nowMs + waitMs, waitMs };
  }

  /** The round failed, and trying it again does not help. */
  failed({ code, error }: ApplyFailure, nowMs: number): void {
    this.#isRunning = false;
    this.#blocked = { code, error: cut(error, MOST_ERROR_CHARACTERS), at: iso(nowMs) };
  }

  /** The round was cancelled by a pause. */
  cancelled(): void {
    this.#isRunning = false;
  }

  /** Leaves a change out of the next apply. @returns the answer to the operator @throws OrderRefused */
  skip(skip: SkipOrder): string {
    const { code } = this.#blocked ?? {};
    if (code === 'FileMissing' || code === 'DamagedFile')
      throw new OrderRefused(
        'A file of the change log is lost, and it is not known which items it changed, so it cannot be skipped. Restore it ' +
          'from the bucket’s versions and send retryApply, or refresh the destination: a run reads all items from the table.',
      );
    if (code !== 'LoadFailed')
      throw new OrderRefused(
        code === undefined
          ? 'It is not blocked, so no change has to be skipped.'
          : `It is blocked by ${code}, not by a row that Redshift refuses, so skipping a change does not help.`,
      );
    this.#skips = [...this.#skips.filter(({ keyHash }) => keyHash !== skip.keyHash), skip];
    this.retry();
    return this.#paused === undefined
      ? 'skipping it, and applying the others'
      : 'skipping it once it is resumed';
  }

  /** The log has grown, or live was replaced: a destination that waits looks now. */
  hint(): void {
    this.#idle = undefined;
    this.#isOutdated = true;
    if (this.#look !== undefined) this.#look = { ...this.#look, atMs: 0 };
  }

  /** @returns the answer to the operator */
  retry(): string {
    this.hint();
    if (this.#blocked === undefined) {
      return this.#needsRefresh === undefined ? 'it is not blocked' : 'looking again: it waits for a refresh';
    }
    this.#blocked = undefined;
    return this.#paused === undefined ? 'retrying' : 'retrying once it is resumed';
  }

  /** @returns the answer to the operator */
  pause(reason: string, nowMs: number): string {
    if (this.#paused !== undefined) return `it was paused at ${this.#paused.at}: ${this.#paused.reason}`;
    this.#paused = { reason, at: iso(nowMs) };
    return 'paused';
  }

  /** @returns the answer to the operator */
  resume(): string {
    if (this.#paused === undefined) return 'it is not paused';
    this.#paused = undefined;
    // The warehouse may have been worked on meanwhile.
    this.#idle = undefined;
    return this.#blocked === undefined ? 'resumed' : 'resumed, but it is blocked: send retryApply';
  }

  /**
   * What the log had when it was read last, and the time since. A round that waits looks all the time. One that runs for much
   * longer than it may wait hangs, or no worker runs it: what the log has is not known then.
   */
  lag(nowMs: number): ChangesLag {
    if (this.#isRunning && this.#lag.count === 0) {
      const { startedMs = nowMs, mostMs = 0 } = this.#round ?? {};
      const pastMs = nowMs - startedMs - mostMs;
      // A worker that took over from another waits as long again.
      return { ...this.#lag, seconds: pastMs < mostMs + LONG_APPLY_MS ? 0 : Math.round(pastMs / 1000) };
    }
    const since = this.#lookedAtMs === undefined ? 0 : Math.max(0, nowMs - this.#lookedAtMs);
    return { ...this.#lag, seconds: Math.round(this.#lag.seconds + since / 1000) };
  }

  progress(nowMs: number): StateProgress {
    return {
      state: this.#state(),
      ...(this.#paused === undefined ? {} : { paused: this.#paused }),
      ...(this.#blocked === undefined ? {} : { blocked: this.#blocked }),
      ...(this.#needsRefresh === undefined ? {} : { needsRefresh: this.#needsRefresh }),
      ...{ lag: this.lag(nowMs), totals: this.#totals, since: this.#since },
      ...(this.#last === undefined ? {} : { last: this.#last }),
    };
  }

  #state(): ApplyProgress['state'] {
    if (this.#paused !== undefined) return 'paused';
    if (this.#blocked !== undefined) return 'blocked';
    if (this.#needsRefresh !== undefined) return 'waiting for a refresh';
    return this.#isRunning && this.#lag.count > 0 ? 'applying' : 'idle';
  }
}
