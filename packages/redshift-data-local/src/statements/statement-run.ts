import type { S3Client } from '@aws-sdk/client-s3';
import type { Pool, PoolClient } from 'pg';
import type { LongNames } from '../catalogue/long-names.ts';
import { executeCopy } from '../copy/execute-copy.ts';
import type { LoadRecords } from '../copy/load-records.ts';
import type { FaultSubject } from '../faults/fault-list.ts';
import type { Faults } from '../faults/faults.ts';
import { columnMetadata } from '../protocol/fields.ts';
import { translate } from '../sql/translate.ts';
import type { TranslatedStatement } from '../sql/translated-statement.ts';
import type { Warehouse } from '../sql/translation.ts';
import { NotSupported, RedshiftError } from '../sql/unsupported.ts';
import type { Clock } from './clock.ts';
import { lateBindingViews, resolveLateBindingColumns } from './late-binding-views.ts';
import type { Limits } from './limits.ts';
import { ResultWriter, type StoredResult, streamQuery } from './result-writer.ts';
import type { StateWriter } from './state-writer.ts';
import type { Statement, StatementPart } from './statement.ts';
import { statementError } from './statement-error.ts';

/** For other commands ResultRows is 0, even if PostgreSQL reports a number. For COPY, 0 has been observed. */
const COUNTS_ROWS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
/** Commands that change no late-binding view. */
const CHANGES_NO_VIEW = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'COPY', 'LOCK', 'ANALYZE']);
/** Redshift's error for the statements after a failed one. */
const PRIOR_FAILED = 'Connection or an prior query failed.';
const NAMES_SYSTEM_RELATION = /\b(sys|stv|stl|svv|svl|svcs|pg)_/i;

export interface RunOptions {
  /** Connections for the server's own bookkeeping. */
  bookkeeping: Pool;
  writer: StateWriter;
  loads: LoadRecords;
  longNames: LongNames;
  s3: S3Client;
  faults: Faults;
  clock: Clock;
  limits: Limits;
  database: string;
  roleOf: Warehouse['roleOf'];
  isRoleAssociated: (arn: string) => boolean;
}

/** The first sub-statement that failed, and why. */
export interface Failure {
  number: number;
  error: string;
}

/** One statement on its connection: its parts in order, in one transaction or each in its own. */
export class StatementRun {
  readonly #options: RunOptions;
  readonly #statement: Statement;
  readonly #client: PoolClient;
  readonly #pid: number;
  readonly #signal: AbortSignal;
  /** Called when a part has changed. */
  readonly #changed: () => void;
  /** The late-binding views as the open transaction sees them. */
  #views: ReadonlyMap<string, string> | undefined;
  #onlyReads = true;

  constructor(
    options: RunOptions,
    run: { statement: Statement; client: PoolClient; pid: number; signal: AbortSignal; changed: () => void },
  ) {
    this.#options = options;
    this.#statement = run.statement;
    this.#client = run.client;
    this.#pid = run.pid;
    this.#signal = run.signal;
    this.#changed = run.changed;
  }

  /** Runs the statement to its end. A failure of the statement is recorded, never thrown. */
  execute(): Promise<Failure | undefined> {
    return this.#statement.request.executionMode === 'AUTO_COMMIT'
      ? this.#eachAlone()
      : this.#asTransaction();
  }

  /** Several statements share a transaction only in a batch of that mode. */
  get #spansStatements(): boolean {
    return this.#statement.isBatch && this.#statement.request.executionMode === 'TRANSACTION';
  }

  async #asTransaction(): Promise<Failure | undefined> {
    const statement = this.#statement;
    const client = this.#client;
    await this.#begin();
    for (const part of statement.parts) {
      const error = await this.#runPart(part, statement.parts);
      if (error !== undefined) {
        await client.query('ROLLBACK').catch(() => {});
        this.#abortAfter(part.number);
        return { number: part.number, error };
      }
    }
    const last = statement.parts.at(-1)!;
    try {
      await this.#commit(statement.parts);
      return undefined;
    } catch (thrown) {
      const error = this.#describe(thrown, last, undefined);
      await client.query('ROLLBACK').catch(() => {});
      return { number: last.number, error };
    }
  }

  /** AUTO_COMMIT: each statement is a separate transaction, and a failed one does not stop the others. */
  async #eachAlone(): Promise<Failure | undefined> {
    const statement = this.#statement;
    const client = this.#client;
    let failure: Failure | undefined;
    for (const part of statement.parts) {
      await this.#begin();
      let error = await this.#runPart(part, [part]);
      if (error === undefined) {
        try {
          this.#options.faults.beforeCommit(this.#subject([part]));
          await client.query('COMMIT');
          this.#options.faults.afterCommit(this.#subject([part]));
        } catch (thrown) {
          error = this.#describe(thrown, part, undefined);
          this.#endPart(part, { status: 'FAILED', error });
        }
      }
      if (error !== undefined) {
        await client.query('ROLLBACK').catch(() => {});
        failure ??= { number: part.number, error };
      }
      // The commit stays recorded even if the server is killed now.
      await this.#options.writer.flush();
      if (this.#signal.aborted) {
        this.#abortAfter(part.number);
        break;
      }
    }
    return failure;
  }

  async #begin(): Promise<void> {
    this.#views = undefined;
    await this.#client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  }

  async #commit(parts: StatementPart[]): Promise<void> {
    this.#signal.throwIfAborted();
    this.#options.faults.beforeCommit(this.#subject(parts));
    // The id is a UUID of our own.
    const mark = `INSERT INTO "_redshift_state".commit_mark VALUES ('${this.#statement.id}') ON CONFLICT DO NOTHING; `;
    await this.#client.query(`${this.#onlyReads ? '' : mark}COMMIT`);
    this.#options.faults.afterCommit(this.#subject(parts));
  }

  #subject(parts: readonly StatementPart[]): FaultSubject {
    return {
      operation: this.#statement.isBatch ? 'BatchExecuteStatement' : 'ExecuteStatement',
      statementName: this.#statement.request.statementName,
      sqls: parts.map(({ sql }) => sql),
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
  async #runPart(part: StatementPart, ofTransaction: StatementPart[]): Promise<string | undefined> {
    const { writer, faults, clock } = this.#options;
    const started = process.hrtime.bigint();
    const durationNs = () => Number(process.hrtime.bigint() - started);
    let translated: TranslatedStatement | undefined;
    try {
      this.#signal.throwIfAborted();
      this.#endPart(part, { status: 'STARTED', startedAt: clock.now() });
      if (NAMES_SYSTEM_RELATION.test(part.sql)) await writer.flush();
      const warehouse = await this.#warehouse(part, ofTransaction);
      translated = translate(
        part.sql,
        warehouse,
        new Map(this.#statement.request.parameters.map(({ name, value }) => [name, value])),
      );
      if (!CHANGES_NO_VIEW.has(translated.command)) this.#views = undefined;
      if (translated.command !== 'SELECT') this.#onlyReads = false;
      await this.#options.longNames.note(translated.longNames);
      if (translated.transaction === 'alone' && ofTransaction.length > 1)
        throw new RedshiftError(`${translated.command} cannot run inside a transaction block`, '25001');
      // A batch is already in a transaction. Elsewhere, a transaction cannot span statements here.
      if (translated.transaction === 'begins' && ofTransaction.length === 1)
        throw new NotSupported('BEGIN outside a batch that is one transaction');
      if (translated.transaction === 'begins' && !this.#spansStatements)
        throw new NotSupported(`${translated.command} where each statement is a transaction of its own`);
      const subject = this.#subject([part]);
      await faults.beforeStatement(subject, translated, this.#client, this.#signal);
      const done = await this.#work(part, translated, warehouse);
      await faults.afterStatement(subject, this.#client);
      if (translated.transaction === 'commits') {
        await this.#client.query('COMMIT');
        faults.afterCommit(subject);
        await this.#begin();
      } else if (translated.transaction === 'rollsBack') {
        await this.#client.query('ROLLBACK');
        await this.#begin();
      }
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

  async #work(
    part: StatementPart,
    translated: TranslatedStatement,
    warehouse: Warehouse,
  ): Promise<{ rows: number; bytes: number; metadata: unknown[] }> {
    const client = this.#client;
    const signal = this.#signal;
    if (translated.functionsUsed.has('pg_get_late_binding_view_cols')) {
      await resolveLateBindingColumns(client, warehouse, (name) => this.#options.longNames.longName(name));
    }
    const steps = [...translated.steps];
    const query = translated.hasResultSet ? steps.pop() : undefined;
    let rows = 0;
    for (const step of steps) {
      signal.throwIfAborted();
      rows = (await client.query(step)).rowCount ?? 0;
    }
    if (translated.copy) await this.#copy(part, translated.copy);
    if (query === undefined)
      return { rows: COUNTS_ROWS.has(translated.command) ? rows : 0, bytes: 0, metadata: [] };
    const stored = await this.#storeResult(part, translated.command, query);
    const metadata = stored.fields.map((field) =>
      columnMetadata(field, this.#options.longNames.longName(field.name)),
    );
    return { rows: stored.rows, bytes: stored.bytes, metadata };
  }

  async #storeResult(part: StatementPart, command: string, query: string): Promise<StoredResult> {
    const client = this.#client;
    const signal = this.#signal;
    const { writer, limits } = this.#options;
    const { id: statementId, request } = this.#statement;
    const result = new ResultWriter({
      ...{ statementId, number: part.number, format: request.resultFormat },
      ...{ limits, writer },
    });
    signal.throwIfAborted();
    if (command === 'SELECT')
      return streamQuery(client, query, result, `result ${part.number}`, { writer, signal });
    // Anything but a SELECT has few rows, and no cursor.
    const { fields, rows } = await client.query<(string | null)[]>({ text: query, rowMode: 'array' });
    for (const row of rows) {
      result.add(
        row,
        fields.map((field) => field.dataTypeID),
      );
    }
    result.endPage();
    return { fields, rows: result.rows, bytes: result.bytes };
  }

  async #copy(part: StatementPart, copy: NonNullable<TranslatedStatement['copy']>): Promise<void> {
    const { loads, faults, isRoleAssociated } = this.#options;
    const s3 = faults.s3For(this.#subject([part]), this.#options.s3, copy.manifest);
    const client = this.#client;
    const pid = this.#pid;
    const signal = this.#signal;
    await executeCopy({ client, s3, loads, copy, queryId: part.queryId, pid, signal, isRoleAssociated });
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
  async #warehouse(part: StatementPart, ofTransaction: StatementPart[]): Promise<Warehouse> {
    const { bookkeeping, database, roleOf } = this.#options;
    const mayNameView =
      /^[\s(]*(select|with|insert|update|delete|create|merge|unload|explain)\b/i.test(part.sql) ||
      /^\s*(--|\/\*)/.test(part.sql);
    if (!mayNameView || !/\b(from|join|using|create)\b/i.test(part.sql))
      return { database, roleOf, lateBindingViews: new Map() };
    const isFirst = part === ofTransaction[0];
    this.#views ??= await lateBindingViews(isFirst ? bookkeeping : this.#client);
    return { database, roleOf, lateBindingViews: this.#views };
  }
}
