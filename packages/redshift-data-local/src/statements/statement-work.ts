import type { PoolClient } from 'pg';
import { executeCopy } from '../copy/execute-copy.ts';
import type { FaultSubject } from '../faults/fault-list.ts';
import { columnMetadata } from '../protocol/fields.ts';
import type { TranslatedStatement } from '../sql/translated-statement.ts';
import type { Warehouse } from '../sql/translation.ts';
import { executeUnload } from '../unload/execute-unload.ts';
import { recordBoundView, resolveViewTexts } from './bound-views.ts';
import { resolveLateBindingColumns } from './late-binding-views.ts';
import { ResultWriter, type StoredResult, streamQuery } from './result-writer.ts';
import type { RunOptions } from './run-options.ts';
import type { Statement, StatementPart } from './statement.ts';

/** For other commands ResultRows is 0, even if PostgreSQL reports a number. For COPY, 0 has been observed. */
const COUNTS_ROWS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

/** Performs translated statements on a connection, in whatever transaction is open there, and stores their results. */
export class StatementWork {
  readonly #options: RunOptions;
  readonly #statement: Statement;
  readonly #client: PoolClient;
  readonly #pid: number;
  readonly #signal: AbortSignal;

  constructor(
    options: RunOptions,
    run: { statement: Statement; client: PoolClient; pid: number; signal: AbortSignal },
  ) {
    this.#options = options;
    this.#statement = run.statement;
    this.#client = run.client;
    this.#pid = run.pid;
    this.#signal = run.signal;
  }

  /** @param subject by which faults find the statement. @returns the counts and columns of its result. */
  async perform(
    part: StatementPart,
    translated: TranslatedStatement,
    warehouse: Warehouse,
    subject: FaultSubject,
  ): Promise<{ rows: number; bytes: number; metadata: unknown[] }> {
    const client = this.#client;
    const signal = this.#signal;
    const longName = (name: string) => this.#options.longNames.longName(name);
    if (translated.functionsUsed.has('pg_get_late_binding_view_cols'))
      await resolveLateBindingColumns(client, warehouse, longName);
    if (translated.systemRelations.has('pg_views') || translated.functionsUsed.has('pg_get_viewdef'))
      await resolveViewTexts(client, longName);
    const steps = [...translated.steps];
    const query = translated.hasResultSet ? steps.pop() : undefined;
    let rows = 0;
    for (const step of steps) {
      signal.throwIfAborted();
      rows = (await client.query(step)).rowCount ?? 0;
    }
    if (translated.createdView) await recordBoundView(client, translated.createdView, warehouse, longName);
    if (translated.copy) await this.#copy(part, translated.copy, subject);
    if (translated.unload)
      await executeUnload({
        ...{ client, s3: this.#options.s3, unload: translated.unload, queryId: part.queryId, signal },
        ...{ isRoleAssociated: this.#options.isRoleAssociated, longName },
      });
    if (query === undefined)
      return { rows: COUNTS_ROWS.has(translated.command) ? rows : 0, bytes: 0, metadata: [] };
    const stored = await this.#storeResult(part, translated.command, query);
    const metadata = stored.fields.map((field) => columnMetadata(field, longName(field.name)));
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
      return streamQuery(client, query, result, `result ${part.queryId}`, { writer, signal });
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

  async #copy(
    part: StatementPart,
    copy: NonNullable<TranslatedStatement['copy']>,
    subject: FaultSubject,
  ): Promise<void> {
    const { loads, faults, isRoleAssociated } = this.#options;
    const s3 = faults.s3For(subject, this.#options.s3, copy);
    const client = this.#client;
    const pid = this.#pid;
    const signal = this.#signal;
    await executeCopy({ client, s3, loads, copy, queryId: part.queryId, pid, signal, isRoleAssociated });
  }
}
