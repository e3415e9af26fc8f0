/** A loader's workflow accepts 10,000 signals before it must continue as new; a hint says nothing but that files wait. */
export const HINT_EVERY_MS = 5_000;

/** Decides when each table's loader is given its next hint: at most one per table every five seconds. */
export class HintRate {
  readonly #sentMs = new Map<string, number>();
  readonly #wanted = new Set<string>();

  /** Files have been put into the table's inbox. */
  want(table: string): void {
    this.#wanted.add(table);
  }

  /** The tables whose hint is due. Each is to be sent now; if it cannot be, `want` it again. */
  take(nowMs: number): string[] {
    const due = [...this.#wanted].filter((table) => this.#waitMs(table, nowMs) <= 0);
    for (const table of due) {
      this.#wanted.delete(table);
      this.#sentMs.set(table, nowMs);
    }
    return due;
  }

  /** How long until the next hint is due; undefined if none is wanted. */
  nextMs(nowMs: number): number | undefined {
    if (this.#wanted.size === 0) return undefined;
    return Math.max(0, Math.min(...[...this.#wanted].map((table) => this.#waitMs(table, nowMs))));
  }

  #waitMs(table: string, nowMs: number): number {
    return (this.#sentMs.get(table) ?? Number.NEGATIVE_INFINITY) + HINT_EVERY_MS - nowMs;
  }
}
