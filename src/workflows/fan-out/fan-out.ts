import type { FanOutProgress } from '../../contract/refresh.ts';

/**
 * The states of a fan-out's children: a state machine with no Temporal in it. It never starts anything; it decides which
 * children to start, and records their ends.
 *
 *   not started ──start──▶ running ──▶ settled
 *        ▲                    ├──▶ failed    (its failure was reported to the parent)
 *        └───────retry────────┤
 *                             └──▶ external  (another workflow has its id; its signals or an inspection move it)
 *
 * A `settled` report counts in any state, because a reset or restarted child reports by signal, whatever the parent
 * recorded before.
 */
type ChildState = 'notStarted' | 'running' | 'external' | 'failed' | 'settled';

/** What a settled child processed: items or rows, and bytes. */
export interface ChildTotals {
  readonly items: number;
  readonly bytes: number;
}

/** Why a child failed: the cause, for an operator, and its code if it is known. */
interface ChildFailure {
  readonly error: string;
  readonly code: string | undefined;
  /** What identifies the failure; undefined if this parent did not start the child. */
  readonly occurrence?: string | undefined;
}

export type RetryAnswer =
  | 'retrying'
  | 'already about to start'
  | 'still running'
  | 'already settled'
  | 'unknown';

interface Child {
  state: ChildState;
  failure?: ChildFailure;
  /** The failure it reported itself, while the parent still expected to be notified by Temporal. */
  reportedFailure?: ChildFailure;
}

const SHOWN = 50;

export class FanOut {
  readonly #children = new Map<string, Child>();
  readonly #results = new Map<string, ChildTotals>();
  readonly #window: number;
  readonly #counts: Record<ChildState, number> = {
    notStarted: 0,
    running: 0,
    external: 0,
    failed: 0,
    settled: 0,
  };
  readonly #idOf: (child: string) => string;

  /**
   * @param children unique names, in the order in which the children start
   * @param window the most children that may be running or external at once
   * @param idOf a child's workflow id, for operators to see
   */
  constructor(children: readonly string[], window: number, idOf: (child: string) => string) {
    this.#window = window;
    this.#idOf = idOf;
    for (const child of children) this.#children.set(child, { state: 'notStarted' });
    this.#counts.notStarted = this.#children.size;
  }

  /**
   * Adds a child that was not known at the beginning. Ignored if it is known.
   * @param state `external` if an earlier execution of the parent may have started it
   */
  add(name: string, state: 'notStarted' | 'external' = 'notStarted'): void {
    if (this.#children.has(name)) return;
    this.#children.set(name, { state });
    this.#counts[state]++;
  }

  /** Forgets a settled child, for a parent that never ends. */
  forget(name: string): void {
    if (this.#children.get(name)?.state !== 'settled') return;
    this.#children.delete(name);
    this.#results.delete(name);
    this.#counts.settled--;
  }

  /** Takes the children that may start now; they are `running` from here on. */
  takeStartable(): string[] {
    const startable: string[] = [];
    if (this.#counts.notStarted === 0) return startable;
    for (const [name, child] of this.#children) {
      if (this.#counts.running + this.#counts.external >= this.#window) break;
      if (child.state !== 'notStarted') continue;
      this.#move(child, 'running');
      delete child.reportedFailure;
      startable.push(name);
    }
    return startable;
  }

  /**
   * Another workflow with the child's id is already running: it was restarted, and reports by signal, or has done so.
   * @returns whether it is failed now, by the failure it reported
   */
  external(name: string): boolean {
    const child = this.#children.get(name);
    if (child?.state !== 'running') return false;
    this.#move(child, 'external');
    if (child.reportedFailure === undefined) return false;
    this.failed(name, child.reportedFailure.error, child.reportedFailure.code);
    return true;
  }

  /**
   * The child itself reports that it failed. For a child that this parent does not await, nothing else will. For one that
   * it awaits, Temporal also reports the failure, unless the child is external.
   * @returns whether it is failed now
   */
  reportFailed(name: string, error: string, code?: string): boolean {
    const child = this.#children.get(name);
    if (child?.state === 'external' || child?.state === 'failed') {
      this.failed(name, error, code);
      return true;
    }
    if (child?.state === 'running') child.reportedFailure = { error, code };
    return false;
  }

  /** The child's failure reached the parent. Ignored if the child has settled since. */
  failed(name: string, error: string, code?: string, occurrence?: string): void {
    const child = this.#children.get(name);
    if (child === undefined || child.state === 'settled') return;
    this.#move(child, 'failed');
    child.failure = { error, code, occurrence };
  }

  /**
   * The workflow with an external child's id has ended without a report. If it completed, it reported to an earlier
   * execution of this parent, and is started again to report to this one. Otherwise it failed, and an operator must act.
   * @param how as Temporal calls it: `COMPLETED`, `TERMINATED`…
   * @returns whether it is failed now
   */
  endedWithoutReport(name: string, how: string): boolean {
    const child = this.#children.get(name);
    if (child?.state !== 'external') return false;
    if (how === 'COMPLETED') {
      this.#move(child, 'notStarted');
      return false;
    }
    this.failed(
      name,
      `its workflow, which this one did not start, ended (${how}) without a report: inspect it, then retry`,
    );
    return true;
  }

  /** The child is done, according to its result or its signal; the first report counts. */
  settled(name: string, result: ChildTotals): void {
    const child = this.#children.get(name);
    if (child === undefined || child.state === 'settled') return;
    this.#move(child, 'settled');
    delete child.failure;
    this.#results.set(name, result);
  }

  /**
   * Asks for a child to be started again. This includes external ones: Temporal never reports their failure to this
   * parent, and if one still runs, starting its id again shows that.
   */
  retry(name: string): RetryAnswer {
    const child = this.#children.get(name);
    if (child === undefined) return 'unknown';
    switch (child.state) {
      case 'failed':
      case 'external':
        this.#move(child, 'notStarted');
        delete child.failure;
        return 'retrying';
      case 'notStarted':
        return 'already about to start';
      case 'running':
        return 'still running';
      case 'settled':
        return 'already settled';
    }
  }

  /** Under way, as far as this parent knows. */
  runningChildren(): string[] {
    return this.#named('running');
  }

  failedChildren(): string[] {
    return this.#named('failed');
  }

  /** What identifies the failures that are not resolved: the children, each with its occurrence if that is known. */
  failures(): string[] {
    return this.failedChildren().map(
      (name) => `${name} ${this.#children.get(name)?.failure?.occurrence ?? ''}`,
    );
  }

  unsettledChildren(): string[] {
    return [...this.#children].flatMap(([name, { state }]) => (state === 'settled' ? [] : [name]));
  }

  externalChildren(): string[] {
    return this.#named('external');
  }

  has(name: string): boolean {
    return this.#children.has(name);
  }

  get done(): boolean {
    return this.#counts.settled === this.#children.size;
  }

  /** Nothing runs, nothing can be started, and something failed: an operator must act. */
  get parked(): boolean {
    return (
      this.#counts.failed > 0 && this.#counts.running + this.#counts.notStarted + this.#counts.external === 0
    );
  }

  progress(): FanOutProgress {
    const unfinished: FanOutProgress['unfinished'][number][] = [];
    for (const wanted of ['failed', 'external', 'running'] as const) {
      for (const name of this.#named(wanted)) {
        if (unfinished.length === SHOWN) break;
        const failure = this.#children.get(name)?.failure;
        unfinished.push({
          child: name,
          workflowId: this.#idOf(name),
          state: wanted,
          ...(failure === undefined ? {} : { error: failure.error }),
          ...(failure?.code === undefined ? {} : { code: failure.code }),
        });
      }
    }
    let items = 0;
    let bytes = 0;
    for (const result of this.#results.values()) {
      items += result.items;
      bytes += result.bytes;
    }
    return { ...this.#counts, total: this.#children.size, unfinished, items, bytes };
  }

  #named(state: ChildState): string[] {
    if (this.#counts[state] === 0) return [];
    return [...this.#children].filter(([, child]) => child.state === state).map(([name]) => name);
  }

  #move(child: Child, to: ChildState): void {
    this.#counts[child.state]--;
    this.#counts[to]++;
    child.state = to;
  }
}
