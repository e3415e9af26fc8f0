import type { FanOutProgress } from '../../contract/refresh.ts';

/**
 * Who of a fan-out's children is where: a state machine with no Temporal in it. It never starts anything; it
 * says which children to start and takes note of what became of them.
 *
 *   waiting ──start──▶ running ──▶ settled
 *      ▲                  ├──▶ failed    (its failure was reported to the parent)
 *      └──────retry───────┤
 *                         └──▶ external  (somebody started that id by hand; its signals tell, or a look at it)
 *
 * A `settled` report counts in any state, because a reset or restarted child reports by signal, whatever the
 * parent had recorded of it before.
 */
type ChildState = 'waiting' | 'running' | 'external' | 'failed' | 'settled';

/** What a settled child brought: items or rows, and bytes. */
export interface ChildTotals {
  readonly items: number;
  readonly bytes: number;
}

export type RetryAnswer = 'retrying' | 'already waiting' | 'still running' | 'already settled' | 'unknown';

interface Child {
  state: ChildState;
  error?: string;
  /** What it said of its own failure while it was taken for one that the parent awaits. */
  reportedFailure?: string;
}

const SHOWN = 50;

export class FanOut {
  readonly #children = new Map<string, Child>();
  readonly #results = new Map<string, ChildTotals>();
  readonly #window: number;
  readonly #counts: Record<ChildState, number> = {
    waiting: 0,
    running: 0,
    external: 0,
    failed: 0,
    settled: 0,
  };
  readonly #idOf: (child: string) => string;

  /**
   * @param children names, unique, in the order in which they are to be started
   * @param window most children running or external at once
   * @param idOf a child's workflow id, for people to see
   */
  constructor(children: readonly string[], window: number, idOf: (child: string) => string) {
    this.#window = window;
    this.#idOf = idOf;
    for (const child of children) this.#children.set(child, { state: 'waiting' });
    this.#counts.waiting = this.#children.size;
  }

  /** Takes the children that may start now; they are `running` from here on. */
  takeStartable(): string[] {
    const startable: string[] = [];
    if (this.#counts.waiting === 0) return startable;
    for (const [name, child] of this.#children) {
      if (this.#counts.running + this.#counts.external >= this.#window) break;
      if (child.state !== 'waiting') continue;
      this.#move(child, 'running');
      delete child.reportedFailure;
      startable.push(name);
    }
    return startable;
  }

  /**
   * The child's id is running already: somebody restarted it, and its signal will tell, or has told.
   * @returns whether it is failed now, by its last words
   */
  external(name: string): boolean {
    const child = this.#children.get(name);
    if (child?.state !== 'running') return false;
    this.#move(child, 'external');
    if (child.reportedFailure === undefined) return false;
    this.failed(name, child.reportedFailure);
    return true;
  }

  /**
   * The child says itself that it failed: all there is to know of one that this parent does not await. Of one that
   * it awaits the failure comes anyway, unless it turns out to be another's.
   * @returns whether it is failed now
   */
  reportFailed(name: string, error: string): boolean {
    const child = this.#children.get(name);
    if (child?.state === 'external' || child?.state === 'failed') {
      this.failed(name, error);
      return true;
    }
    if (child?.state === 'running') child.reportedFailure = error;
    return false;
  }

  /** The child's failure reached the parent. Ignored where the child has settled since. */
  failed(name: string, error: string): void {
    const child = this.#children.get(name);
    if (child === undefined || child.state === 'settled') return;
    this.#move(child, 'failed');
    child.error = error;
  }

  /**
   * The workflow by an external child's id has ended, and nothing was heard of it: one that is done said so to an
   * earlier run of this parent, and is started again to say it to this one; of any other a person has to know.
   * @param how as Temporal calls it: `COMPLETED`, `TERMINATED`…
   * @returns whether it is failed now
   */
  endedWithoutReport(name: string, how: string): boolean {
    const child = this.#children.get(name);
    if (child?.state !== 'external') return false;
    if (how === 'COMPLETED') {
      this.#move(child, 'waiting');
      return false;
    }
    this.failed(
      name,
      `its workflow, which this one did not start, ended (${how}) and said nothing: look at it, then retry`,
    );
    return true;
  }

  /** The child is done, by its result or by its signal; the first report counts. */
  settled(name: string, result: ChildTotals): void {
    const child = this.#children.get(name);
    if (child === undefined || child.state === 'settled') return;
    this.#move(child, 'settled');
    delete child.error;
    this.#results.set(name, result);
  }

  /**
   * Asks for a child to be started again. An external one may be asked for too: its failure is never reported
   * to this parent, and if it still runs, starting its id again says so.
   */
  retry(name: string): RetryAnswer {
    const child = this.#children.get(name);
    if (child === undefined) return 'unknown';
    switch (child.state) {
      case 'failed':
      case 'external':
        this.#move(child, 'waiting');
        delete child.error;
        return 'retrying';
      case 'waiting':
        return 'already waiting';
      case 'running':
        return 'still running';
      case 'settled':
        return 'already settled';
    }
  }

  /** Under way as far as is known, awaited or not. */
  runningChildren(): string[] {
    return this.#named('running');
  }

  failedChildren(): string[] {
    return this.#named('failed');
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

  /** Nothing runs, nothing can be started, and something failed: only a person can move it on. */
  get parked(): boolean {
    return (
      this.#counts.failed > 0 && this.#counts.running + this.#counts.waiting + this.#counts.external === 0
    );
  }

  progress(): FanOutProgress {
    const unfinished: FanOutProgress['unfinished'][number][] = [];
    for (const wanted of ['failed', 'external', 'running'] as const) {
      for (const name of this.#named(wanted)) {
        if (unfinished.length === SHOWN) break;
        const error = this.#children.get(name)?.error;
        unfinished.push({
          child: name,
          workflowId: this.#idOf(name),
          state: wanted,
          ...(error === undefined ? {} : { error }),
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
