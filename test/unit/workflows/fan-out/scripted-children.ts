import type { ChildEnd, Children } from '../../../../src/workflows/fan-out/supervise.ts';

interface Wait {
  readonly isTrue: () => boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Sleep {
  readonly untilMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class Cancelled extends Error {}

/** Children that a test ends by hand, and a clock that it advances. `commands` has every request to the engine. */
export class ScriptedChildren implements Children<number> {
  readonly commands: string[] = [];
  /** What the server says about workflows by a child's id; absent: running. */
  readonly closed = new Map<string, string>();
  /** Patches that this execution was recorded without. */
  readonly unpatched = new Set<string>();
  /** Children whose id another workflow has. */
  readonly taken = new Set<string>();
  inspectionFails = false;
  #nowMs = 0;
  #shielded = 0;
  #isCancelled = false;
  readonly #launched = new Map<string, (end: ChildEnd<number>) => void>();
  readonly #waits = new Set<Wait>();
  #sleeps = new Set<Sleep>();

  launch(child: string, ended: (end: ChildEnd<number>) => void): void {
    this.commands.push(`start ${child}`);
    if (this.taken.has(child)) queueMicrotask(() => ended({ kind: 'external' }));
    else this.#launched.set(child, ended);
  }

  /** The children under way that were launched here. */
  get running(): string[] {
    return [...this.#launched.keys()];
  }

  async end(child: string, end: ChildEnd<number>): Promise<void> {
    const ended = this.#launched.get(child);
    if (ended === undefined) throw new Error(`${child} is not running`);
    this.#launched.delete(child);
    ended(end);
    await this.settle();
  }

  settled = (child: string, output = 1) => this.end(child, { kind: 'settled', output });
  failed = (child: string, error = 'boom', type = 'Error') =>
    this.end(child, { kind: 'failed', error, type });

  cancelLaunched(): void {
    this.commands.push('cancel launched');
  }

  async cancelById(child: string): Promise<void> {
    this.commands.push(`cancel ${child} by id`);
  }

  async closedStatusOf(children: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.commands.push(`inspect ${children.join(', ')}`);
    if (this.inspectionFails) throw new Error('no answer');
    return new Map([...this.closed].filter(([child]) => children.includes(child)));
  }

  until(isTrue: () => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isCancelled && this.#shielded === 0) reject(new Cancelled());
      else if (isTrue()) resolve(true);
      else this.#waits.add({ isTrue, resolve, reject });
    });
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleeps.add({ untilMs: this.#nowMs + milliseconds, resolve, reject });
    });
  }

  inBackground(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!this.isCancellation(error)) this.commands.push(`logged: ${String(error)}`);
    });
  }

  stopBackground(): void {
    for (const { reject } of this.#sleeps) reject(new Cancelled());
    this.#sleeps = new Set();
  }

  async nonCancellable(work: () => Promise<void>): Promise<void> {
    this.#shielded++;
    await work().finally(() => {
      this.#shielded--;
    });
  }

  isCancellation(error: unknown): boolean {
    return error instanceof Cancelled;
  }

  patched(change: string): boolean {
    return !this.unpatched.has(change);
  }

  /** Cancels the workflow: waits that are not shielded throw. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    for (const { reject } of this.#waits) reject(new Cancelled());
    this.#waits.clear();
    await this.settle();
  }

  async pass(milliseconds: number): Promise<void> {
    this.#nowMs += milliseconds;
    for (const sleep of this.#sleeps) {
      if (sleep.untilMs > this.#nowMs) continue;
      this.#sleeps.delete(sleep);
      sleep.resolve();
    }
    await this.settle();
  }

  /** Lets everything run that can, then the conditions that hold, as a workflow task does. */
  async settle(): Promise<void> {
    for (let isMoving = true; isMoving; ) {
      await new Promise((resolve) => setImmediate(resolve));
      isMoving = false;
      for (const wait of this.#waits) {
        if (!wait.isTrue()) continue;
        this.#waits.delete(wait);
        wait.resolve(true);
        isMoving = true;
      }
    }
  }
}
