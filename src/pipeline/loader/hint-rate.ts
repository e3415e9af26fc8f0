/** A loader's workflow accepts 10,000 signals before it must continue as new; a hint says nothing but that files wait. */
const HINT_EVERY_MS = 5_000;

/** Decides when each table's loader is given its next hint: at most one per table every five seconds. */
export class HintRate {
  readonly #sentMs = new Map<string, number>();
  readonly #wanted = new Set<string>();

  /** Files have been put into the table's inbox. */
  want(table: string): void {
    this.#wanted.add(table);
  }

  /** No table wants a hint. */
  get isIdle(): boolean {
    return this.#wanted.size === 0;
  }

  /** The tables whose hint is due. Each is to be sent now; if it cannot be, `want` it again. */
  take(nowMs: number): string[] {
    return this.#take(nowMs, (table) => {
      const sentMs = this.#sentMs.get(table);
      return sentMs === undefined || nowMs - sentMs >= HINT_EVERY_MS;
    });
  }

  /** All tables that want a hint, due or not: their sender will be gone when they are due. */
  takeAll(nowMs: number): string[] {
    return this.#take(nowMs, () => true);
  }

  #take(nowMs: number, isDue: (table: string) => boolean): string[] {
    const due = [...this.#wanted].filter(isDue);
    for (const table of due) {
      this.#wanted.delete(table);
      this.#sentMs.set(table, nowMs);
    }
    return due;
  }
}
