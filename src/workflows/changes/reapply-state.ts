import type { ReapplyProgress } from '../../contract/changes/changes.ts';
import type { KeySet, Reapplied, ReapplyResult } from '../../contract/changes/reapply.ts';

/** What an execution carries over to the next one. */
export interface CarriedReapply {
  readonly progress: ReapplyProgress;
  readonly left: readonly KeySet[];
}

/** If half of the keys are too many, half of these are tried, and so on: no more sets than this. */
const MOST_SETS = 65_536;

/**
 * A rewind: a state machine with no Temporal in it. It is applied key set by key set, each in one transaction: all keys at
 * once, or halves of what does not fit into memory. Each set is as exact as an apply, whatever was applied in between.
 */
export class ReapplyState {
  #progress: ReapplyProgress | undefined;
  #left: readonly KeySet[];

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
    const [keys] = this.#left;
    return keys === undefined || this.#progress === undefined
      ? undefined
      : { since: this.#progress.since, keys };
  }

  begin(since: string, nowMs: number): void {
    this.#left = [{ of: 1, number: 0 }];
    this.#progress = {
      ...{ since, state: 'applying', at: new Date(nowMs).toISOString(), done: 0, left: 1 },
      ...{ changes: 0, keys: 0, rows: 0, setAside: 0 },
    };
  }

  /** The first set was tried. */
  ended(result: ReapplyResult, nowMs: number): void {
    const { progress } = this.#of();
    const [tried, ...others] = this.#left;
    if (tried === undefined) return;
    if (result.kind === 'too many') {
      const { of, number } = tried;
      if (of >= MOST_SETS) {
        this.failed({ code: 'CannotRewind', error: 'Its images exceed applyBytes: raise it.' }, nowMs);
        return;
      }
      this.#left = [{ of: of * 2, number }, { of: of * 2, number: number + of }, ...others];
      this.#progress = { ...progress, left: this.#left.length };
      return;
    }
    this.#left = others;
    const { changes, keys, rows, setAside } = progress;
    const more = result.kind === 'nothing' ? { changes: 0, keys: 0, rows: 0, setAside: 0 } : result.applied;
    this.#progress = {
      ...progress,
      ...{ done: progress.done + 1, left: others.length },
      ...{ changes: changes + more.changes, keys: keys + more.keys },
      ...{ rows: rows + more.rows, setAside: setAside + more.setAside },
      ...(others.length > 0 ? {} : { state: 'done', endedAt: new Date(nowMs).toISOString() }),
    };
  }

  /** What was applied before stays: it changes nothing that a reader would miss. */
  failed(failure: NonNullable<ReapplyProgress['failure']>, nowMs: number): void {
    const { progress } = this.#of();
    this.#left = [];
    this.#progress = { ...progress, state: 'failed', failure, endedAt: new Date(nowMs).toISOString() };
  }

  #of(): { readonly progress: ReapplyProgress } {
    if (this.#progress === undefined) throw new Error('no rewind was ordered');
    return { progress: this.#progress };
  }
}
