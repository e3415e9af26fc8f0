import type { Pool } from 'pg';

/** Names too long for PostgreSQL, by their short forms. PostgreSQL stores them; this is a copy in memory. */
export class LongNames {
  readonly #pool: Pool;
  readonly #names = new Map<string, string>();
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{ physical: string; name: string }>(
      'SELECT physical, name FROM "_redshift_state".long_name',
    );
    for (const { physical, name } of rows) this.#names.set(physical, name);
  }

  /** Stores names outside any transaction: a name outlives the statement that first used it, which is harmless. */
  async note(seen: ReadonlyMap<string, string>): Promise<void> {
    for (const [physical, name] of seen) {
      if (this.#names.has(physical)) continue;
      await this.#pool.query(
        'INSERT INTO "_redshift_state".long_name VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [physical, name],
      );
      this.#names.set(physical, name);
    }
  }

  longName(physical: string): string {
    return this.#names.get(physical) ?? physical;
  }
}
