/** Milliseconds since 1970, ahead of the machine's time by an offset that tests set. */
export class AdjustableClock {
  offsetMs = 0;

  nowMs(): number {
    return Date.now() + this.offsetMs;
  }
}

/** A clock for each table, so that a test moves the time of its own tables only. A recreated table has the same one. */
export class TableClocks {
  readonly #byName = new Map<string, AdjustableClock>();

  /** @param table its name */
  of(table: string): AdjustableClock {
    const clock = this.#byName.get(table) ?? new AdjustableClock();
    this.#byName.set(table, clock);
    return clock;
  }
}
