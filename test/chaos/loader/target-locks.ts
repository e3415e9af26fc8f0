import pg from 'pg';
import { until } from '../../integration/pipeline/until.ts';

/** Sessions of the database itself, which hold back and watch what the loader's transactions do to one schema. */
export class TargetLocks {
  readonly #url: string;
  readonly #schema: string;
  readonly #sessions: pg.Client[] = [];
  #watcher: pg.Client | undefined;

  constructor(url: string, schema: string) {
    this.#url = url;
    this.#schema = schema;
  }

  /** A session that ends with the others. */
  async session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#url });
    // The server may end it when the stack stops.
    client.on('error', () => {});
    await client.connect();
    this.#sessions.push(client);
    return client;
  }

  /** Keeps every transaction from writing to a table, while all may read it. @returns what ends that */
  async holdWrites(table: string): Promise<() => Promise<void>> {
    const client = await this.session();
    await client.query('BEGIN');
    await client.query(`LOCK TABLE "${this.#schema}"."${table}" IN SHARE MODE`);
    return async () => {
      await client.query('ROLLBACK');
    };
  }

  /** Whether a transaction has, or waits for, a lock on a table that excludes all others. */
  async isLocked(table: string): Promise<boolean> {
    this.#watcher ??= await this.session();
    const { rows } = await this.#watcher.query<{ n: string }>(
      `SELECT count(*) AS n FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
       JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE l.mode = 'AccessExclusiveLock' AND n.nspname = $1 AND c.relname = $2`,
      [this.#schema, table],
    );
    return Number(rows[0]?.n) > 0;
  }

  /** Waits until so many transactions wait for locks on the schema's tables. */
  async untilWaiting(transactions: number): Promise<void> {
    const client = await this.session();
    const waiting = async () => {
      const { rows } = await client.query<{ n: string }>(
        `SELECT count(DISTINCT l.pid) AS n FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
         JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE NOT l.granted AND n.nspname = $1`,
        [this.#schema],
      );
      return Number(rows[0]?.n);
    };
    await until(waiting, (n) => n >= transactions, 230_000);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#sessions.splice(0).map((client) => client.end()));
  }
}
