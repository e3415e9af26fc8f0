import { readFile } from 'node:fs/promises';
import type { ClientBase, Pool } from 'pg';
import type { Clock } from './clock.ts';
import type { Limits } from './limits.ts';
import type { Statement, StatementPart, StatementRequest, StatementStatus } from './statement.ts';

type Row = Record<string, string | null>;

const STATEMENT_COLUMNS = `s.id, s.request, s.request_hash, s.is_batch, s.session_id, s.status, s.error, s.pid,
  extract(epoch FROM s.created_at) AS created_at, extract(epoch FROM s.updated_at) AS updated_at, s.duration_ns`;
const TERMINAL = `('FINISHED', 'FAILED', 'ABORTED')`;

/** Creates or completes the tables. */
export async function prepareStatementTables(client: ClientBase): Promise<void> {
  await client.query(await readFile(new URL('tables.sql', import.meta.url), 'utf8'));
  await client.query('RESET search_path');
}

/** Statements as PostgreSQL stores them: every end that a client has seen survives the server. */
export class StatementStore {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #limits: Limits;
  constructor(pool: Pool, clock: Clock, limits: Limits) {
    this.#pool = pool;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** A named query is planned once per connection. */
  async #rows(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    return (await this.#pool.query<Row>({ text, values, ...(name && { name }) })).rows;
  }

  /** Stores a new statement and assigns query ids to its parts, or returns the id of the statement that holds its token. */
  async create(statement: Statement, token: string | undefined): Promise<{ existingId?: string }> {
    for (;;) {
      const inserted = await this.#rows(
        `WITH made AS (INSERT INTO "_redshift_state".statement (id, client_token, request_hash, request, is_batch, session_id, status, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, 'SUBMITTED', to_timestamp($7), to_timestamp($7)) ON CONFLICT (client_token) DO NOTHING RETURNING id)
         INSERT INTO "_redshift_state".statement_part (statement_id, number, sql, status, updated_at)
           SELECT made.id, p.n, p.sql, 'SUBMITTED', to_timestamp($7) FROM made, jsonb_array_elements_text($4::jsonb->'sqls') WITH ORDINALITY p(sql, n)
         RETURNING number, query_id`,
        [
          statement.id,
          token ?? null,
          statement.requestHash,
          JSON.stringify(statement.request),
          statement.isBatch,
          statement.sessionId,
          statement.createdAt,
        ],
        'create-statement',
      );
      for (const row of inserted) statement.parts[Number(row.number) - 1]!.queryId = Number(row.query_id);
      if (inserted.length > 0) return {};
      // A token is valid for eight hours (AWS: "ClientToken"); after that it can be used again.
      const oldest = statement.createdAt - this.#limits.tokenSeconds;
      const [existing] = await this.#rows(
        `SELECT id, created_at <= to_timestamp($2) AS expired FROM "_redshift_state".statement WHERE client_token = $1`,
        [token, oldest],
      );
      if (existing?.expired === 'f') return { existingId: existing.id! };
      await this.#rows(
        `UPDATE "_redshift_state".statement SET client_token = NULL WHERE client_token = $1 AND created_at <= to_timestamp($2)`,
        [token, oldest],
      );
    }
  }

  /** The statement that a client token refers to. */
  async idOfToken(token: string): Promise<string | undefined> {
    const [row] = await this.#rows(
      `SELECT id FROM "_redshift_state".statement WHERE client_token = $1 AND created_at > to_timestamp($2)`,
      [token, this.#clock.now() - this.#limits.tokenSeconds],
    );
    return row?.id ?? undefined;
  }

  async find(id: string): Promise<Statement | undefined> {
    const [row] = await this.#rows(
      `SELECT ${STATEMENT_COLUMNS} FROM "_redshift_state".statement s WHERE id = $1`,
      [id],
    );
    if (row === undefined) return undefined;
    const parts = await this.#rows(
      `SELECT number, sql, status, error, command, has_result_set, result_rows, result_bytes, duration_ns, query_id, column_metadata,
       extract(epoch FROM started_at) AS started_at, extract(epoch FROM updated_at) AS updated_at
       FROM "_redshift_state".statement_part WHERE statement_id = $1 ORDER BY number`,
      [id],
    );
    return statementOf(row, parts.map(partOf));
  }

  /** Newest first, without expired statements. `before` is where the last page ended. */
  async list(filter: {
    namePrefix?: string | undefined;
    status?: StatementStatus | undefined;
    database?: string | undefined;
    /** The workgroup's or cluster's name. */
    target?: string | undefined;
    before?: [string, string] | undefined;
    limit: number;
  }): Promise<{ statements: Statement[]; next?: [string, string] }> {
    const rows = await this.#rows(
      `SELECT ${STATEMENT_COLUMNS}, s.created_at::text AS position FROM "_redshift_state".statement s
       WHERE ($1::text IS NULL OR starts_with(s.request->>'statementName', $1)) AND ($2::text IS NULL OR s.status = $2)
       AND ($3::timestamptz IS NULL OR (s.created_at, s.id) < ($3, $4::uuid)) AND s.created_at > to_timestamp($6)
       AND ($7::text IS NULL OR s.request->>'database' = $7)
       AND ($8::text IS NULL OR coalesce(s.request->>'workgroupName', s.request->>'clusterIdentifier') = $8)
       ORDER BY s.created_at DESC, s.id DESC LIMIT $5`,
      [
        filter.namePrefix ?? null,
        filter.status ?? null,
        filter.before?.[0] ?? null,
        filter.before?.[1] ?? null,
        filter.limit + 1,
        this.#clock.now() - this.#limits.resultSeconds,
        filter.database ?? null,
        filter.target ?? null,
      ],
    );
    const page = rows.slice(0, filter.limit);
    const last = page.at(-1);
    return {
      statements: page.map((row) => statementOf(row, [])),
      ...(rows.length > page.length && last ? { next: [last.position!, last.id!] as [string, string] } : {}),
    };
  }

  /** One page of a result, from the row it begins with. */
  async resultPage(
    id: string,
    number: number,
    firstRow: number,
  ): Promise<{ content: string; rowCount: number } | undefined> {
    const [row] = await this.#rows(
      `SELECT content, row_count FROM "_redshift_state".result_page WHERE statement_id = $1 AND number = $2 AND first_row = $3`,
      [id, number, firstRow],
    );
    return row && { content: row.content!, rowCount: Number(row.row_count) };
  }

  /** Events of statements submitted WithEvent, oldest first; of one statement, or of all. */
  async events(statementId: string | undefined): Promise<unknown[]> {
    const rows = await this.#rows(
      `SELECT event FROM "_redshift_state".statement_event WHERE $1::text IS NULL OR statement_id::text = $1 ORDER BY number`,
      [statementId ?? null],
    );
    return rows.map((row) => JSON.parse(row.event!) as unknown);
  }

  /**
   * Settles the statements that an earlier server left unfinished. Their transactions have ended (the caller ensures
   * that): those with a commit mark were committed, the others were not.
   */
  async settleInterrupted(error: string): Promise<void> {
    await this.#rows(
      `UPDATE "_redshift_state".statement_part p SET
        status = CASE WHEN m.statement_id IS NOT NULL THEN 'FINISHED' WHEN p.status = 'STARTED' THEN 'FAILED' ELSE 'ABORTED' END,
        error = CASE WHEN m.statement_id IS NULL THEN $1 END, updated_at = clock_timestamp()
      FROM "_redshift_state".statement s LEFT JOIN "_redshift_state".commit_mark m ON m.statement_id = s.id
      WHERE s.id = p.statement_id AND s.status IN ('SUBMITTED', 'PICKED', 'STARTED') AND p.status NOT IN ('FAILED', 'ABORTED')
        AND (p.status <> 'FINISHED')`,
      [error],
    );
    await this.#rows(
      `UPDATE "_redshift_state".statement s SET status = CASE WHEN m.statement_id IS NOT NULL THEN 'FINISHED' ELSE 'FAILED' END,
        error = CASE WHEN m.statement_id IS NULL THEN $1 END, updated_at = clock_timestamp()
      FROM "_redshift_state".statement t LEFT JOIN "_redshift_state".commit_mark m ON m.statement_id = t.id
      WHERE t.id = s.id AND s.status IN ('SUBMITTED', 'PICKED', 'STARTED')`,
      [error],
    );
    await this.#rows(
      `UPDATE "_redshift_state".load SET status = 'aborted', end_time = now() AT TIME ZONE 'UTC' WHERE status = 'executing'`,
    );
  }

  /** Ended statements, their results, marks and events are kept for a day (AWS: results 24 hours). */
  async forgetOld(): Promise<void> {
    const old = `(SELECT id FROM "_redshift_state".statement WHERE created_at < to_timestamp($1) AND status IN ${TERMINAL})`;
    const before = [this.#clock.now() - this.#limits.resultSeconds];
    for (const table of ['result_page', 'commit_mark', 'statement_event'])
      await this.#rows(`DELETE FROM "_redshift_state".${table} WHERE statement_id IN ${old}`, before);
    await this.#rows(`DELETE FROM "_redshift_state".statement WHERE id IN ${old}`, before);
  }
}

function partOf(row: Row): StatementPart {
  return {
    number: Number(row.number),
    sql: row.sql!,
    status: row.status as StatementStatus,
    error: row.error!,
    command: row.command!,
    hasResultSet: row.has_result_set === 't',
    resultRows: Number(row.result_rows),
    resultBytes: Number(row.result_bytes),
    durationNs: Number(row.duration_ns),
    queryId: Number(row.query_id),
    columnMetadata: row.column_metadata == null ? null : (JSON.parse(row.column_metadata) as unknown[]),
    startedAt: row.started_at == null ? null : Number(row.started_at),
    updatedAt: Number(row.updated_at),
  };
}

function statementOf(row: Row, parts: StatementPart[]): Statement {
  return {
    id: row.id!,
    request: JSON.parse(row.request!) as StatementRequest,
    requestHash: row.request_hash!,
    isBatch: row.is_batch === 't',
    sessionId: row.session_id!,
    status: row.status as StatementStatus,
    error: row.error!,
    pid: row.pid == null ? null : Number(row.pid),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    durationNs: Number(row.duration_ns),
    parts,
  };
}
