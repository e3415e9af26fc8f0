import type { ReapplyProgress } from '../../contract/changes/changes.ts';
import type { KeySet, Reapplied, ReapplyResult } from '../../contract/changes/reapply.ts';

/** What an execution carries over to the next one. */
export interface CarriedReapply {
  readonly progress: ReapplyProgress;
  readonly left: readonly Reapplied[];
}

const NOTHING = { changes: 0, keys: 0, rows: 0, setAside: 0 };
/** If half of the keys are too many, half of these are tried, and so on: no more sets than this. */
const MOST_SETS = 65_536;

/**
 * A rewind, or a replay of what was set aside: a state machine with no Temporal in it. It is applied key set by key set, each in one transaction: all keys at
 * once, or halves of what does not fit into memory. Each set is as exact as an apply, whatever was applied in between.
 */
export class ReapplyState {
  #progress: ReapplyProgress | undefined;
  #left: readonly Reapplied[];

  /** @param carried what an earlier execution carried over */
  constructor(carried?: CarriedReapply) {
    this.#progress = carried?.progress;
    this.#left = carried?.left ?? [];
  }

  carry(): CarriedReapply | undefined {
    return this.#progress === undefined ? undefined : { progress: this.#progress, left: this.#left };
  }

  /** The one that is under way, or the last one. */
  get progress(): ReapplyProgress | undefined {
    return this.#progress;
  }

  get isUnderWay(): boolean {
    return this.#left.length > 0;
  }

  /** What to apply next; undefined if nothing is left. */
  get next(): Reapplied | undefined {
    return this.#left[0];
  }

  begin(what: Reapplied, nowMs: number): void {
    this.#left = [what];
    this.#progress = {
      ...('since' in what ? { kind: 'rewind', since: what.since } : { kind: 'replay' }),
      ...{ state: 'applying', at: new Date(nowMs).toISOString(), done: 0, left: 1 },
      ...{ changes: 0, keys: 0, rows: 0, setAside: 0 },
    };
  }

  /** What came next was tried. */
  ended(result: ReapplyResult, nowMs: number): void {
    const { progress } = this.#of();
    const [tried, ...others] = this.#left;
    if (tried === undefined) return;
    if (result.kind === 'too many') {
      this.#split(tried, others, nowMs);
      return;
    }
    const { more, gone = 0 } = result;
    this.#left =
      more === undefined || 'since' in tried
        ? others
        : [{ setAside: { ...tried.setAside, after: more } }, ...others];
    const { changes, keys, rows, setAside } = progress;
    const applied = result.kind === 'nothing' ? NOTHING : result.applied;
    const lost = (progress.gone ?? 0) + gone;
    this.#progress = {
      ...progress,
      ...{ done: progress.done + 1, left: this.#left.length },
      ...{ changes: changes + applied.changes, keys: keys + applied.keys },
      ...{ rows: rows + applied.rows, setAside: setAside + applied.setAside },
      ...(lost === 0 ? {} : { gone: lost }),
      ...(this.#left.length > 0 ? {} : { state: 'done', endedAt: new Date(nowMs).toISOString() }),
    };
  }

  #split(tried: Reapplied, others: readonly Reapplied[], nowMs: number): void {
    const { progress } = this.#of();
    if (!('since' in tried) || tried.keys.of >= MOST_SETS) {
      this.failed({ code: 'CannotRewind', error: 'Its images exceed applyBytes: raise it.' }, nowMs);
      return;
    }
    const { of, number } = tried.keys;
    const half = (keys: KeySet): Reapplied => ({ since: tried.since, keys });
    this.#left = [half({ of: of * 2, number }), half({ of: of * 2, number: number + of }), ...others];
    this.#progress = { ...progress, left: this.#left.length };
  }

  /** What was applied before stays: it changes nothing that a reader would miss. */
  failed(failure: NonNullable<ReapplyProgress['failure']>, nowMs: number): void {
    const { progress } = this.#of();
    this.#left = [];
    this.#progress = { ...progress, state: 'failed', failure, endedAt: new Date(nowMs).toISOString() };
  }

  #of(): { readonly progress: ReapplyProgress } {
    if (this.#progress === undefined) throw new Error('nothing was ordered');
    return { progress: this.#progress };
  }
}
