import { randomUUID } from 'node:crypto';
import type { RedshiftDataWarehouse, ResultTable } from '../../clients/redshift/redshift-data-warehouse.ts';
import { hasEnded } from '../../clients/warehouse.ts';
import { quoteIdentifier } from '../../pipeline/sql/identifier.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/** How long a session may be idle: it is left to end by itself. */
const KEEP_ALIVE_SECONDS = 15;
const WAIT_SECONDS = 10;

export interface QueryOptions {
  /** Where names without a schema are looked up, in order. */
  readonly schemas: readonly string[];
  readonly mostRows: number;
  readonly signal: AbortSignal;
}

/**
 * Runs statements in a transaction that may only read, and rolls it back:
 * https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
 */
export class ReadOnlySession {
  readonly #warehouse: RedshiftDataWarehouse;
  readonly #signal: AbortSignal;
  #session: string | undefined;

  private constructor(warehouse: RedshiftDataWarehouse, signal: AbortSignal) {
    this.#warehouse = warehouse;
    this.#signal = signal;
  }

  /** Opens a session for `work`. */
  static async use<T>(
    warehouse: RedshiftDataWarehouse,
    { schemas, signal }: Pick<QueryOptions, 'schemas' | 'signal'>,
    work: (session: ReadOnlySession) => Promise<T>,
  ): Promise<T> {
    const session = new ReadOnlySession(warehouse, signal);
    try {
      await session.#run('BEGIN READ ONLY');
      if (schemas.length > 0)
        await session.#run(`SET search_path TO ${[...schemas, 'public'].map(quoteIdentifier).join(', ')}`);
      return await work(session);
    } finally {
      await session.#end();
    }
  }

  /** The result of one query. @throws CommandError with Redshift's message */
  async ask(sql: string, mostRows: number): Promise<ResultTable> {
    const id = await this.#run(sql);
    return this.#warehouse.table(id, { mostRows, signal: this.#signal });
  }

  async #run(sql: string): Promise<string> {
    this.#signal.throwIfAborted();
    const { id, session } = await this.#warehouse.submitInSession(sql, {
      ...{ name: 'tributary query', clientToken: randomUUID() },
      ...{ session: this.#session, keepAliveSeconds: KEEP_ALIVE_SECONDS },
    });
    this.#session = session;
    await ended(this.#warehouse, id, this.#signal);
    return id;
  }

  /** If it fails, the session ends by itself, and rolls back what is open. */
  async #end(): Promise<void> {
    if (this.#session === undefined) return;
    await this.#warehouse
      .submitInSession('ROLLBACK', {
        ...{ name: 'tributary query', clientToken: randomUUID() },
        ...{ session: this.#session, keepAliveSeconds: KEEP_ALIVE_SECONDS },
      })
      .catch(() => {});
  }
}

/**
 * Waits for the end of a statement. If the signal aborts, the statement is cancelled.
 * @throws CommandError with Redshift's message if it failed
 */
export async function ended(
  warehouse: RedshiftDataWarehouse,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      const state = await warehouse.describe(id, { waitSeconds: WAIT_SECONDS, signal });
      if (!hasEnded(state)) continue;
      if (state.status === 'FINISHED') return;
      throw new CommandError(ExitCode.failed, state.error);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    await warehouse.cancel(id).catch(() => {});
    throw new CommandError(ExitCode.interrupted, 'Interrupted. The query was cancelled.', { cause: error });
  }
}
