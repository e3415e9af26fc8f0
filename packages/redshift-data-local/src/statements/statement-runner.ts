import { EventEmitter, once } from 'node:events';
import type { Pool } from 'pg';
import { ServiceError } from '../protocol/service-error.ts';
import { pooledConnection, type StatementConnection, sessionConnection } from './connections.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { type Statement, TERMINAL_STATUSES } from './statement.ts';
import { statementEvent } from './statement-event.ts';
import { type Failure, StatementRun } from './statement-run.ts';

/** Ended on request: by a user, or because it ran too long. */
class Ended extends Error {
  readonly byUser: boolean;
  constructor(message: string, byUser: boolean) {
    super(message);
    this.byUser = byUser;
  }
}

/** A running statement. `cancelled` takes effect between its steps, the signal inside a COPY. */
interface Run {
  statement: Statement;
  pid: number | undefined;
  cancelled: AbortController;
  waitingRequests: number;
  /** Resolves once its end is stored. */
  done: Promise<void>;
}

/** Ended statements that are still answered from memory. */
const RECENT_STATEMENTS = 500;

type RunnerOptions = RunOptions & {
  /** Connections for statements. The size of the pool limits how many run at once; the others stay SUBMITTED. */
  statements: Pool;
  sessions: Sessions;
};

/** Executes statements on PostgreSQL, each on its own connection, and records the outcome. */
export class StatementRunner {
  readonly #options: RunnerOptions;
  readonly #runs = new Map<string, Run>();
  readonly #recent = new Map<string, Statement>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  get activeStatements(): number {
    return this.#runs.size;
  }

  /** Starts the statement, in its session if it has one, and returns immediately. */
  start(statement: Statement, session?: Session): void {
    const run: Run = {
      statement,
      pid: undefined,
      cancelled: new AbortController(),
      waitingRequests: 0,
      done: Promise.resolve(),
    };
    this.#runs.set(statement.id, run);
    run.done = this.#run(run, session).then(() => {
      this.#runs.delete(statement.id);
      this.#remember(statement);
      this.#changes.emit(statement.id);
    });
  }

  /** A statement that is running or ended recently. An end that it shows is already stored. */
  async find(id: string): Promise<Statement | undefined> {
    const run = this.#runs.get(id);
    if (run === undefined) return this.#recent.get(id);
    if (TERMINAL_STATUSES.has(run.statement.status)) await run.done;
    return run.statement;
  }

  /**
   * Waits until the statement, or one of its sub-statements, has ended, or until the time is up.
   * @throws ActiveWaitingRequestsExceededException if too many callers wait for it.
   */
  async waitForEnd(id: string, number: number | undefined, timeoutSeconds: number): Promise<void> {
    const run = this.#runs.get(id);
    if (timeoutSeconds <= 0 || run === undefined) return;
    if (run.waitingRequests >= this.#options.limits.maxWaitingRequests) {
      throw new ServiceError(
        'ActiveWaitingRequestsExceededException',
        'Active waiting requests for the statement exceeded the allowed quota',
      );
    }
    run.waitingRequests++;
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const partEnded = () =>
      TERMINAL_STATUSES.has(
        run.statement.parts.find((part) => part.number === number)?.status ?? 'SUBMITTED',
      );
    try {
      while (this.#runs.get(id) === run && !signal.aborted && !partEnded())
        await once(this.#changes, id, { signal }).catch(() => {});
    } finally {
      run.waitingRequests--;
    }
  }

  /** Resolves when the statement has ended, however long that takes. */
  async untilEnded(id: string): Promise<void> {
    await this.#runs.get(id)?.done;
  }

  /** Requests the statement's end. @returns false if it is not running. It is ABORTED once it has rolled back. */
  cancel(id: string, reason = new Ended("Query cancelled on user's request", true)): boolean {
    const run = this.#runs.get(id);
    if (run === undefined) return false;
    run.cancelled.abort(reason);
    // Repeated until it has ended: a request that reaches the backend between two queries is lost.
    const ask = () => {
      if (this.#runs.get(id) !== run) return clearInterval(timer);
      if (run.pid !== undefined)
        this.#options.bookkeeping.query('SELECT pg_cancel_backend($1)', [run.pid]).catch(() => {});
    };
    const timer = setInterval(ask, 50);
    ask();
    return true;
  }

  /** Ends statements that have run too long (AWS: 24 hours), and forgets expired ones. */
  endOverdue(): void {
    const { clock, limits, sessions } = this.#options;
    const now = clock.now();
    const tooLong = `Query ran longer than the ${limits.statementSeconds} seconds a statement may`;
    for (const { statement, cancelled } of this.#runs.values()) {
      if (statement.createdAt + limits.statementSeconds <= now && !cancelled.signal.aborted)
        this.cancel(statement.id, new Ended(tooLong, false));
    }
    for (const id of sessions.closeExpired()) this.cancel(id);
  }

  /** Ends every statement, because the server is stopping. */
  async stop(): Promise<void> {
    const running = [...this.#runs.values()];
    for (const { statement } of running) this.cancel(statement.id);
    await Promise.race([
      Promise.all(running.map(({ done }) => done)),
      new Promise((resolve) => setTimeout(resolve, 10_000).unref()),
    ]);
  }

  #remember(statement: Statement): void {
    this.#recent.set(statement.id, statement);
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_STATEMENTS) break;
      this.#recent.delete(id);
    }
  }

  async #run(run: Run, session: Session | undefined): Promise<void> {
    const { statement } = run;
    const { writer, clock, sessions, limits } = this.#options;
    const { signal } = run.cancelled;
    const started = process.hrtime.bigint();
    const set = (change: Partial<Statement>) => {
      Object.assign(statement, change, { updatedAt: clock.now() });
      writer.note(statement);
    };
    let failure: Failure | undefined;
    let connection: StatementConnection | undefined;
    try {
      connection = session
        ? await sessionConnection(session)
        : await pooledConnection(this.#options.statements, signal);
      const { client, pid } = connection;
      set({ status: 'PICKED', pid });
      run.pid = pid;
      set({ status: 'STARTED' });
      const changed = () => this.#changes.emit(statement.id);
      failure = await new StatementRun(this.#options, {
        ...{ statement, client, pid, signal, session, changed },
      }).execute();
    } catch (thrown) {
      failure = { number: 1, error: `ERROR: ${(thrown as Error).message}` };
      for (const part of statement.parts)
        if (!TERMINAL_STATUSES.has(part.status))
          Object.assign(part, { status: 'ABORTED', error: failure.error });
    }
    run.pid = undefined;
    const released = connection?.release(signal.aborted).catch(() => {});
    if (session) {
      // The next statement may arrive as soon as this end is visible.
      await released;
      if (connection === undefined) sessions.close(session);
      else sessions.release(session);
    }
    set({ durationNs: Number(process.hrtime.bigint() - started), ...outcome(statement, failure, signal) });
    if (statement.request.withEvent)
      writer.addEvent(statement.id, statementEvent(statement, limits.resultSeconds));
    // Without PostgreSQL nothing can be stored: the next start settles the statement.
    await writer
      .flush()
      .catch((error: Error) => console.error(`Statement ${statement.id}: ${error.message}`));
  }
}

function outcome(
  statement: Statement,
  failure: Failure | undefined,
  signal: AbortSignal,
): Pick<Statement, 'status' | 'error'> {
  if (failure === undefined) return { status: 'FINISHED', error: null };
  const endedByUser = signal.aborted && (signal.reason as Ended).byUser;
  if (endedByUser) return { status: 'ABORTED', error: failure.error };
  const error = statement.isBatch ? `Query #${failure.number} failed with ${failure.error}` : failure.error;
  return { status: 'FAILED', error };
}
