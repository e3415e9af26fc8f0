import { EventEmitter, once } from 'node:events';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Pool, PoolClient, QueryResult } from 'pg';
import type { LongNames } from '../catalogue/long-names.ts';
import { executeCopy } from '../copy/execute-copy.ts';
import type { LoadRecords } from '../copy/load-records.ts';
import { columnMetadata, fieldJson } from '../protocol/fields.ts';
import { translate } from '../sql/translate.ts';
import type { TranslatedStatement } from '../sql/translated-statement.ts';
import type { Warehouse } from '../sql/translation.ts';
import { RedshiftError } from '../sql/unsupported.ts';
import { lateBindingViews, resolveLateBindingColumns } from './late-binding-views.ts';
import { statementError } from './statement-error.ts';
import type { Statement, StatementPart, StatementStore } from './statement-store.ts';

/** A statement on its way; `cancelled` is heard between its steps, the signal inside a COPY. */
type Run = { pid: number | undefined; cancelled: AbortController };

const resultBatchRows = 500;
/** Of the others ResultRows is 0, whatever the last step on PostgreSQL gave; for COPY too it has been seen as 0. */
const countsRows = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
/** What Redshift says of the statements after a failed one. */
const priorFailed = 'Connection or an prior query failed.';
const cancelledText = "ERROR: Query cancelled on user's request";

export type RunnerOptions = {
  /** Connections for statements: as many run at once as it gives; the others stay SUBMITTED. */
  statements: Pool;
  /** Connections for the server's own bookkeeping. */
  bookkeeping: Pool;
  store: StatementStore;
  loads: LoadRecords;
  longNames: LongNames;
  s3: S3Client;
  database: string;
  roleOf: Warehouse['roleOf'];
  isRoleAssociated: (arn: string) => boolean;
};

/** Executes statements on PostgreSQL, each on a connection of its own, and records what becomes of them. */
export class StatementRunner {
  private readonly options: RunnerOptions;
  private readonly runs = new Map<string, Run>();
  private readonly ended = new EventEmitter().setMaxListeners(0);

  constructor(options: RunnerOptions) {
    this.options = options;
  }

  get activeStatements(): number {
    return this.runs.size;
  }

  /** Starts the statement and returns at once. */
  start(statement: Statement): void {
    const run: Run = { pid: undefined, cancelled: new AbortController() };
    this.runs.set(statement.id, run);
    void this.run(statement, run)
      .catch((error: unknown) =>
        this.options.store.setStatus(statement.id, {
          status: 'FAILED',
          error: `ERROR: ${(error as Error).message}`,
        }),
      )
      .catch(() => {})
      .finally(() => {
        this.runs.delete(statement.id);
        this.ended.emit(statement.id);
      });
  }

  /** Waits until the statement has ended or the time is up. */
  async waitForEnd(id: string, timeoutSeconds: number): Promise<void> {
    if (timeoutSeconds <= 0 || !this.runs.has(id)) return;
    await once(this.ended, id, { signal: AbortSignal.timeout(timeoutSeconds * 1000) }).catch(() => {});
  }

  /** Asks for the statement's end; false when it does not run here. It is ABORTED once it has rolled back. */
  cancel(id: string): boolean {
    const run = this.runs.get(id);
    if (run === undefined) return false;
    run.cancelled.abort();
    // Asked again until it has ended: a request that meets the backend between two queries is lost.
    const ask = () => {
      if (this.runs.get(id) !== run) return clearInterval(timer);
      if (run.pid !== undefined)
        this.options.bookkeeping.query('SELECT pg_cancel_backend($1)', [run.pid]).catch(() => {});
    };
    const timer = setInterval(ask, 50);
    ask();
    return true;
  }

  /** Ends every statement, for the server's own end. */
  async stop(): Promise<void> {
    for (const id of this.runs.keys()) this.cancel(id);
    await Promise.all([...this.runs.keys()].map((id) => this.waitForEnd(id, 10)));
  }

  private async run(statement: Statement, run: Run): Promise<void> {
    const { store, statements } = this.options;
    const started = process.hrtime.bigint();
    const duration = () => Number(process.hrtime.bigint() - started);
    const client = await statements.connect();
    // A connection that dies reports to whoever waits for its query; this keeps it from ending the server.
    client.on('error', () => {});
    let reusable = true;
    let failure: { number: number; error: string } | undefined;
    try {
      const { rows } = await client.query<{ pid: string }>('SELECT pg_backend_pid() AS pid');
      const pid = Number(rows[0]!.pid);
      await store.setStatus(statement.id, { status: 'PICKED', pid });
      run.pid = pid;
      await store.setStatus(statement.id, { status: 'STARTED', pid });
      failure =
        statement.request.executionMode === 'AUTO_COMMIT'
          ? await this.runEachAlone(statement, run, client)
          : await this.runAsTransaction(statement, run, client);
    } finally {
      run.pid = undefined;
      if (run.cancelled.signal.aborted) reusable = false;
      if (reusable)
        reusable = await client.query('DISCARD ALL').then(
          () => true,
          () => false,
        );
      client.removeAllListeners('error');
      client.release(!reusable);
    }
    if (failure === undefined)
      await store.setStatus(statement.id, { status: 'FINISHED', durationNs: duration() });
    else if (run.cancelled.signal.aborted)
      await store.setStatus(statement.id, {
        status: 'ABORTED',
        error: failure.error,
        durationNs: duration(),
      });
    else {
      const error = statement.isBatch
        ? `Query #${failure.number} failed with ${failure.error}`
        : failure.error;
      await store.setStatus(statement.id, { status: 'FAILED', error, durationNs: duration() });
    }
  }

  private async runAsTransaction(
    statement: Statement,
    run: Run,
    client: PoolClient,
  ): Promise<{ number: number; error: string } | undefined> {
    await begin(client);
    for (const part of statement.parts) {
      const error = await this.runPart(statement, part, run, client);
      if (error !== undefined) {
        await client.query('ROLLBACK').catch(() => {});
        await this.abortRest(statement, part.number);
        return { number: part.number, error };
      }
    }
    const last = statement.parts.at(-1)!;
    try {
      run.cancelled.signal.throwIfAborted();
      await client.query('INSERT INTO "_redshift_state".commit_mark VALUES ($1) ON CONFLICT DO NOTHING', [
        statement.id,
      ]);
      await client.query('COMMIT');
      return undefined;
    } catch (thrown) {
      const error = run.cancelled.signal.aborted ? cancelledText : this.describe(thrown, last, 0, undefined);
      await client.query('ROLLBACK').catch(() => {});
      return { number: last.number, error };
    }
  }

  /** AUTO_COMMIT: each statement is a transaction of its own, and a failed one does not stop the others. */
  private async runEachAlone(
    statement: Statement,
    run: Run,
    client: PoolClient,
  ): Promise<{ number: number; error: string } | undefined> {
    let failure: { number: number; error: string } | undefined;
    for (const part of statement.parts) {
      await begin(client);
      const error = await this.runPart({ ...statement, parts: [part] }, part, run, client);
      await client.query(error === undefined ? 'COMMIT' : 'ROLLBACK');
      if (error !== undefined) failure ??= { number: part.number, error };
      if (run.cancelled.signal.aborted) {
        await this.abortRest(statement, part.number);
        break;
      }
    }
    return failure;
  }

  private async abortRest(statement: Statement, after: number): Promise<void> {
    for (const part of statement.parts) {
      if (part.number > after)
        await this.options.store.setPart(statement.id, part.number, {
          status: 'ABORTED',
          error: priorFailed,
        });
    }
  }

  /** Runs one SQL inside the open transaction. Returns its error, or nothing when it finished. */
  private async runPart(
    statement: Statement,
    part: StatementPart,
    run: Run,
    client: PoolClient,
  ): Promise<string | undefined> {
    const { store } = this.options;
    const started = process.hrtime.bigint();
    const duration = () => Number(process.hrtime.bigint() - started);
    let translated: TranslatedStatement | undefined;
    try {
      run.cancelled.signal.throwIfAborted();
      await store.setPart(statement.id, part.number, { status: 'STARTED' });
      const warehouse = await this.warehouse(statement, part, client);
      translated = translate(
        part.sql,
        warehouse,
        new Map(statement.request.parameters.map(({ name, value }) => [name, value])),
      );
      await this.options.longNames.note(translated.longNames);
      if (translated.transaction === 'alone' && statement.parts.length > 1) {
        throw new RedshiftError(`${translated.command} cannot run inside a transaction block`, '25001');
      }
      if (translated.functionsUsed.has('pg_get_late_binding_view_cols')) {
        await resolveLateBindingColumns(client, warehouse, (name) => this.options.longNames.longName(name));
      }
      const result = await this.runSteps(translated, run, client);
      if (translated.copy) {
        const { loads, s3, isRoleAssociated } = this.options;
        const { queryId } = part;
        const { signal } = run.cancelled;
        const { copy } = translated;
        await executeCopy({ client, s3, loads, copy, queryId, pid: run.pid ?? 0, signal, isRoleAssociated });
      }
      const rows = countsRows.has(translated.command) ? (result?.rowCount ?? 0) : 0;
      if (translated.transaction === 'commits') {
        await client.query('COMMIT');
        await begin(client);
      }
      const stored =
        translated.hasResultSet && result ? await this.storeResult(statement, part, result) : undefined;
      await store.setPart(statement.id, part.number, {
        status: 'FINISHED',
        command: translated.command,
        hasResultSet: translated.hasResultSet,
        resultRows: rows,
        resultBytes: stored?.bytes ?? 0,
        durationNs: duration(),
        ...(stored === undefined ? {} : { columnMetadata: stored.metadata }),
      });
      return undefined;
    } catch (thrown) {
      const cancelled = run.cancelled.signal.aborted;
      const error = cancelled ? cancelledText : this.describe(thrown, part, run.pid ?? 0, translated);
      await store.setPart(statement.id, part.number, {
        status: cancelled ? 'ABORTED' : 'FAILED',
        error,
        durationNs: duration(),
        ...(translated ? { command: translated.command } : {}),
      });
      return error;
    }
  }

  private describe(
    thrown: unknown,
    part: StatementPart,
    pid: number,
    translated: TranslatedStatement | undefined,
  ): string {
    return statementError(thrown, {
      queryId: part.queryId,
      pid,
      readsTables: (translated?.read.length ?? 0) > 0,
      ...(translated?.copy === undefined ? {} : { copyTable: translated.copy.target.name }),
      longName: (physical) => this.options.longNames.longName(physical),
    });
  }

  /** Late-binding views are looked up outside the transaction where that has changed nothing yet: a look takes its snapshot. */
  private async warehouse(statement: Statement, part: StatementPart, client: PoolClient): Promise<Warehouse> {
    const isFirst = part.number === statement.parts[0]!.number;
    const needsViews =
      /^[\s(]*(select|with|insert|update|delete|create)\b/i.test(part.sql) || /^\s*(--|\/\*)/.test(part.sql);
    const { bookkeeping, database, roleOf } = this.options;
    return {
      database,
      roleOf,
      lateBindingViews: needsViews ? await lateBindingViews(isFirst ? bookkeeping : client) : new Map(),
    };
  }

  private async runSteps(
    translated: TranslatedStatement,
    run: Run,
    client: PoolClient,
  ): Promise<QueryResult<(string | null)[]> | undefined> {
    let result: QueryResult<(string | null)[]> | undefined;
    for (const step of translated.steps) {
      run.cancelled.signal.throwIfAborted();
      result = await client.query<(string | null)[]>({ text: step, rowMode: 'array' });
    }
    return result;
  }

  private async storeResult(
    statement: Statement,
    part: StatementPart,
    result: QueryResult<(string | null)[]>,
  ): Promise<{ bytes: number; metadata: unknown[] }> {
    const types = result.fields.map((field) => field.dataTypeID);
    let bytes = 0;
    for (let at = 0; at < result.rows.length; at += resultBatchRows) {
      const rows = result.rows.slice(at, at + resultBatchRows).map((row) => {
        for (const value of row) bytes += value === null ? 0 : Buffer.byteLength(value);
        return `[${row.map((value, index) => fieldJson(value, types[index]!)).join(',')}]`;
      });
      await this.options.store.addResultRows(statement.id, part.number, at, rows);
    }
    const metadata = result.fields.map((field) =>
      columnMetadata(field, this.options.longNames.longName(field.name)),
    );
    return { bytes, metadata };
  }
}

async function begin(client: PoolClient): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
}
