import type { PoolClient } from 'pg';
import type { FaultSubject } from '../faults/fault-list.ts';
import { translate } from '../sql/translate.ts';
import type { TranslatedStatement } from '../sql/translated-statement.ts';
import type { Warehouse } from '../sql/translation.ts';
import { NotSupported, RedshiftError } from '../sql/unsupported.ts';
import { lateBindingViews } from './late-binding-views.ts';
import type { RunOptions } from './run-options.ts';
import type { OpenTransaction, Session } from './session.ts';
import type { Statement, StatementPart } from './statement.ts';
import { statementError } from './statement-error.ts';
import { StatementWork } from './statement-work.ts';

/** Commands that change no late-binding view. */
const CHANGES_NO_VIEW = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'COPY', 'LOCK', 'ANALYZE']);
/** Redshift's error for the statements after a failed one. */
const PRIOR_FAILED = 'Connection or an prior query failed.';
const NAMES_SYSTEM_RELATION = /\b(sys|stv|stl|svv|svl|svcs|pg)_/i;

/** The first sub-statement that failed, and why. */
export interface Failure {
  number: number;
  error: string;
}

/** The transaction that a part runs in. */
interface Place {
  /** The transaction's statements, as far as they are known: faults are matched by them. */
  sqls: readonly string[];
  /** Nothing has run in it, so it has no snapshot yet. */
  isFirst: boolean;
  /** It may hold other statements. */
  isShared: boolean;
}

/**
 * One statement on its connection: its parts in order, in one transaction or each in its own. In a session, BEGIN opens a
 * transaction that later statements continue.
 */
export class StatementRun {
  readonly #options: RunOptions;
  readonly #statement: Statement;
  readonly #client: PoolClient;
  readonly #pid: number;
  readonly #signal: AbortSignal;
  readonly #work: StatementWork;
  readonly #session: Session | undefined;
  /** Called when a part has changed. */
  readonly #changed: () => void;
  /** The late-binding views as the open transaction sees them. */
  #views: ReadonlyMap<string, string> | undefined;
  #onlyReads = true;

  constructor(
    options: RunOptions,
    run: {
      statement: Statement;
      client: PoolClient;
      pid: number;
      signal: AbortSignal;
      session: Session | undefined;
      changed: () => void;
    },
  ) {
    this.#options = options;
    this.#statement = run.statement;
    this.#client = run.client;
    this.#pid = run.pid;
    this.#signal = run.signal;
    this.#work = new StatementWork(options, run);
    this.#session = run.session;
    this.#changed = run.changed;
  }

  /** Runs the statement to its end. A failure of the statement is recorded, never thrown. */
  execute(): Promise<Failure | undefined> {
    const alone =
      this.#statement.request.executionMode === 'AUTO_COMMIT' ||
      (this.#open !== undefined && !this.#isTransaction);
    return alone ? this.#eachAlone() : this.#asTransaction();
  }

  /** The session's transaction, if BEGIN opened one. */
  get #open(): OpenTransaction | undefined {
    return this.#session?.transaction;
  }

  /** A batch of this mode is one transaction. */
  get #isTransaction(): boolean {
    return this.#statement.isBatch && this.#statement.request.executionMode === 'TRANSACTION';
  }

  /**
   * In a session with an open transaction, a batch joins it, and ends it: AWS does not say so, and a client that expects
   * anything else loses most by it.
   */
  async #asTransaction(): Promise<Failure | undefined> {
    const statement = this.#statement;
    const client = this.#client;
    const sqls = [...(this.#open?.sqls ?? []), ...statement.parts.map(({ sql }) => sql)];
    if (this.#open === undefined) await this.#begin();
    for (const part of statement.parts) {
      const isFirst = part.number === 1 && this.#open === undefined;
      const error = await this.#runPart(part, { sqls, isFirst, isShared: sqls.length > 1 });
      if (error !== undefined) {
        await this.#rollBack();
        this.#abortAfter(part.number);
        return { number: part.number, error };
      }
    }
    // A single BEGIN in a session: what follows decides.
    if (!this.#isTransaction && this.#open !== undefined) return undefined;
    const last = statement.parts.at(-1)!;
    try {
      await this.#commit(sqls);
      return undefined;
    } catch (thrown) {
      const error = this.#describe(thrown, last, undefined);
      await client.query('ROLLBACK').catch(() => {});
      return { number: last.number, error };
    }
  }

  /** Each statement is a separate transaction, or part of the session's, and a failed one does not stop the others. */
  async #eachAlone(): Promise<Failure | undefined> {
    const statement = this.#statement;
    let failure: Failure | undefined;
    for (const part of statement.parts) {
      const error = this.#open === undefined ? await this.#alone(part) : await this.#inside(this.#open, part);
      if (error !== undefined) failure ??= { number: part.number, error };
      // The commit stays recorded even if the server is killed now.
      await this.#options.writer.flush();
      if (this.#signal.aborted) {
        this.#abortAfter(part.number);
        break;
      }
    }
    return failure;
  }

  /** @returns its error, or undefined if it was committed, or if it opened the session's transaction. */
  async #alone(part: StatementPart): Promise<string | undefined> {
    const sqls = [part.sql];
    await this.#begin();
    let error = await this.#runPart(part, { sqls, isFirst: true, isShared: false });
    if (error === undefined && this.#open !== undefined) return undefined;
    if (error === undefined) {
      try {
        this.#options.faults.beforeCommit(this.#subject(sqls));
        await this.#client.query('COMMIT');
        this.#options.faults.afterCommit(this.#subject(sqls));
      } catch (thrown) {
        error = this.#describe(thrown, part, undefined);
        this.#endPart(part, { status: 'FAILED', error });
      }
    }
    if (error !== undefined) await this.#rollBack();
    return error;
  }

  /** A statement in the session's open transaction. Its failure leaves that transaction aborted. */
  async #inside(open: OpenTransaction, part: StatementPart): Promise<string | undefined> {
    const isFirst = open.sqls.length === 0;
    open.sqls.push(part.sql);
    const error = await this.#runPart(part, { sqls: open.sqls, isFirst, isShared: true });
    if (error === undefined || this.#open !== open) return error;
    if (!open.isAborted) await this.#client.query('ROLLBACK').catch(() => {});
    open.isAborted = true;
    return error;
  }

  async #begin(): Promise<void> {
    this.#views = undefined;
    await this.#client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  }

  async #rollBack(): Promise<void> {
    if (this.#session) this.#session.transaction = undefined;
    await this.#client.query('ROLLBACK').catch(() => {});
  }

  /** Commits the transaction, which is over even if that fails. */
  async #commit(sqls: readonly string[]): Promise<void> {
    const wrote = !this.#onlyReads && !this.#open?.isReadOnly;
    if (this.#session) this.#session.transaction = undefined;
    this.#signal.throwIfAborted();
    this.#options.faults.beforeCommit(this.#subject(sqls));
    // The id is a UUID of our own.
    const mark = `INSERT INTO "_redshift_state".commit_mark VALUES ('${this.#statement.id}') ON CONFLICT DO NOTHING; `;
    await this.#client.query(`${wrote ? mark : ''}COMMIT`);
    this.#options.faults.afterCommit(this.#subject(sqls));
  }

  #subject(sqls: readonly string[]): FaultSubject {
    return {
      operation: this.#statement.isBatch ? 'BatchExecuteStatement' : 'ExecuteStatement',
      statementName: this.#statement.request.statementName,
      sqls,
    };
  }

  #abortAfter(number: number): void {
    for (const part of this.#statement.parts)
      if (part.number > number) this.#endPart(part, { status: 'ABORTED', error: PRIOR_FAILED });
  }

  #endPart(part: StatementPart, change: Partial<StatementPart>): void {
    Object.assign(part, change, { updatedAt: this.#options.clock.now() });
    this.#options.writer.note(this.#statement);
    this.#changed();
  }

  /** Runs one SQL statement inside the open transaction. @returns its error, or undefined if it finished. */
  async #runPart(part: StatementPart, place: Place): Promise<string | undefined> {
    const { writer, faults, clock } = this.#options;
    const started = process.hrtime.bigint();
    const durationNs = () => Number(process.hrtime.bigint() - started);
    let translated: TranslatedStatement | undefined;
    try {
      this.#signal.throwIfAborted();
      this.#endPart(part, { status: 'STARTED', startedAt: clock.now() });
      if (NAMES_SYSTEM_RELATION.test(part.sql)) await writer.flush();
      const warehouse = await this.#warehouse(part, place);
      translated = translate(
        part.sql,
        warehouse,
        new Map(this.#statement.request.parameters.map(({ name, value }) => [name, value])),
      );
      if (!CHANGES_NO_VIEW.has(translated.command)) this.#views = undefined;
      if (translated.command !== 'SELECT') this.#onlyReads = false;
      await this.#options.longNames.note(translated.longNames);
      const subject = this.#subject([part.sql]);
      this.#checkPlace(translated, place);
      await faults.beforeStatement(subject, translated, this.#client, this.#signal);
      const done = await this.#work.perform(part, translated, warehouse, subject);
      await faults.afterStatement(subject, this.#client);
      await this.#changeTransaction(translated, place, subject);
      this.#endPart(part, {
        status: 'FINISHED',
        command: translated.command,
        hasResultSet: translated.hasResultSet,
        resultRows: done.rows,
        resultBytes: done.bytes,
        durationNs: durationNs(),
        columnMetadata: translated.hasResultSet ? done.metadata : null,
      });
      return undefined;
    } catch (thrown) {
      const error = this.#describe(thrown, part, translated);
      this.#endPart(part, {
        status: this.#signal.aborted ? 'ABORTED' : 'FAILED',
        error,
        durationNs: durationNs(),
        command: translated?.command ?? null,
      });
      return error;
    }
  }

  /** @throws if the statement may not run in its transaction. */
  #checkPlace({ transaction, command, isReadOnly }: TranslatedStatement, { isShared }: Place): void {
    if (this.#open?.isAborted && command !== 'COMMIT' && command !== 'ROLLBACK') {
      throw new RedshiftError(
        'current transaction is aborted, commands ignored until end of transaction block',
        '25P02',
      );
    }
    if (transaction === 'alone' && isShared)
      throw new RedshiftError(`${command} cannot run inside a transaction block`, '25001');
    // Without a session, nothing could follow.
    if (transaction === 'begins' && this.#session === undefined) {
      if (!isShared)
        throw new NotSupported('BEGIN outside a session, and outside a batch that is one transaction');
      if (!this.#isTransaction)
        throw new NotSupported(`${command} where each statement is a transaction of its own`);
    }
    if (isReadOnly && (this.#session === undefined || this.#isTransaction || this.#open !== undefined))
      throw new NotSupported('BEGIN READ ONLY where it opens no transaction');
  }

  /** BEGIN, COMMIT and ROLLBACK, and the commit that TRUNCATE does. */
  async #changeTransaction(
    { transaction, isReadOnly = false }: TranslatedStatement,
    { sqls }: Place,
    subject: FaultSubject,
  ): Promise<void> {
    const open = this.#open;
    if (transaction === 'begins' && this.#session && !this.#isTransaction)
      this.#session.transaction ??= { sqls: [], isAborted: false, isReadOnly };
    if (transaction !== 'commits' && transaction !== 'rollsBack') return;
    if (open === undefined) {
      // A transaction of the server's own, which continues.
      await this.#client.query(transaction === 'commits' ? 'COMMIT' : 'ROLLBACK');
      if (transaction === 'commits') this.#options.faults.afterCommit(subject);
      await this.#begin();
    } else if (transaction === 'rollsBack' || open.isAborted) await this.#rollBack();
    else {
      try {
        await this.#commit(sqls);
      } catch (error) {
        await this.#rollBack();
        throw error;
      }
    }
    if (open !== undefined && this.#isTransaction) await this.#begin();
  }

  #describe(thrown: unknown, part: StatementPart, translated: TranslatedStatement | undefined): string {
    if (this.#signal.aborted) return `ERROR: ${(this.#signal.reason as Error).message}`;
    return statementError(thrown, {
      queryId: part.queryId,
      pid: this.#pid,
      readsTables: (translated?.read.length ?? 0) > 0,
      ...(translated?.copy === undefined ? {} : { copyTable: translated.copy.target.name }),
      longName: (physical) => this.#options.longNames.longName(physical),
    });
  }

  /** Looks late-binding views up outside a transaction that has changed nothing yet: a query inside takes its snapshot. */
  async #warehouse(part: StatementPart, { isFirst }: Place): Promise<Warehouse> {
    const { bookkeeping, database, roleOf } = this.#options;
    const mayNameView =
      /^[\s(]*(select|with|insert|update|delete|create|merge|unload|explain)\b/i.test(part.sql) ||
      /^\s*(--|\/\*)/.test(part.sql);
    if (!mayNameView || !/\b(from|join|using|create)\b/i.test(part.sql))
      return { database, roleOf, lateBindingViews: new Map() };
    this.#views ??= await lateBindingViews(isFirst ? bookkeeping : this.#client);
    return { database, roleOf, lateBindingViews: this.#views };
  }
}
