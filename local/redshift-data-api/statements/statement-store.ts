import type { Pool } from 'pg';

export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';
export const terminalStatuses: ReadonlySet<StatementStatus> = new Set(['FINISHED', 'FAILED', 'ABORTED']);

/** One SQL of a statement: a batch has several, `uuid:1`, `uuid:2`…, an ExecuteStatement exactly one. */
export type StatementPart = {
  number: number;
  sql: string;
  status: StatementStatus;
  error: string | null;
  hasResultSet: boolean;
  resultRows: number;
  resultBytes: number;
  durationNs: number;
  queryId: number;
  columnMetadata: unknown[] | null;
  createdAt: number;
  updatedAt: number;
};

/** What was asked for, as the client sent it. */
export type StatementRequest = {
  sqls: string[];
  parameters: { name: string; value: string }[];
  database: string;
  workgroupName?: string | undefined;
  clusterIdentifier?: string | undefined;
  dbUser?: string | undefined;
  secretArn?: string | undefined;
  statementName?: string | undefined;
  withEvent: boolean;
  resultFormat: 'JSON' | 'CSV';
  executionMode: 'TRANSACTION' | 'AUTO_COMMIT';
};

export type Statement = {
  id: string;
  request: StatementRequest;
  requestHash: string;
  isBatch: boolean;
  status: StatementStatus;
  error: string | null;
  pid: number | null;
  /** Epoch seconds. */
  createdAt: number;
  updatedAt: number;
  durationNs: number;
  parts: StatementPart[];
};

type Row = Record<string, string | null>;

const statementColumns = `s.id, s.request, s.request_hash, s.is_batch, s.status, s.error, s.pid,
  extract(epoch FROM s.created_at) AS created_at, extract(epoch FROM s.updated_at) AS updated_at, s.duration_ns`;

/** Statements as PostgreSQL keeps them: every state a client may see survives the server. */
export class StatementStore {
  private readonly pool: Pool;
  constructor(pool: Pool) {
    this.pool = pool;
  }

  private async rows(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>({ text, values })).rows;
  }

  /** Stores a new statement, or gives the id of the one that holds its client token. */
  async create(
    id: string,
    token: string | undefined,
    hash: string,
    isBatch: boolean,
    request: StatementRequest,
  ): Promise<string> {
    // A token is good for eight hours (AWS: "ClientToken"); after that it may be given again.
    await this.rows(
      `UPDATE "_redshift_state".statement SET client_token = NULL WHERE client_token = $1 AND created_at < now() - interval '8 hours'`,
      [token ?? null],
    );
    const inserted = await this.rows(
      `WITH made AS (INSERT INTO "_redshift_state".statement (id, client_token, request_hash, request, is_batch, status)
         VALUES ($1, $2, $3, $4, $5, 'SUBMITTED') ON CONFLICT (client_token) DO NOTHING RETURNING id),
       parts AS (INSERT INTO "_redshift_state".statement_part (statement_id, number, sql, status)
         SELECT made.id, p.n, p.sql, 'SUBMITTED' FROM made, jsonb_array_elements_text($4::jsonb->'sqls') WITH ORDINALITY p(sql, n))
       SELECT id FROM made`,
      [id, token ?? null, hash, JSON.stringify(request), isBatch],
    );
    if (inserted.length > 0) return id;
    const [existing] = await this.rows(`SELECT id FROM "_redshift_state".statement WHERE client_token = $1`, [
      token,
    ]);
    return existing!.id!;
  }

  async find(id: string): Promise<Statement | undefined> {
    const [row] = await this.rows(
      `SELECT ${statementColumns} FROM "_redshift_state".statement s WHERE id = $1`,
      [id],
    );
    if (row === undefined) return undefined;
    const parts = await this.rows(
      `SELECT number, sql, status, error, has_result_set, result_rows, result_bytes, duration_ns, query_id, column_metadata,
       extract(epoch FROM coalesce(started_at, updated_at)) AS created_at, extract(epoch FROM updated_at) AS updated_at
       FROM "_redshift_state".statement_part WHERE statement_id = $1 ORDER BY number`,
      [id],
    );
    return statementOf(row, parts.map(partOf));
  }

  /** Newest first; `before` is the place the last page ended at. */
  async list(filter: {
    namePrefix?: string;
    status?: StatementStatus;
    before?: [string, string];
    limit: number;
  }): Promise<{ statements: Statement[]; next?: [string, string] }> {
    const rows = await this.rows(
      `SELECT ${statementColumns}, s.created_at::text AS position FROM "_redshift_state".statement s
       WHERE ($1::text IS NULL OR starts_with(s.request->>'statementName', $1)) AND ($2::text IS NULL OR s.status = $2)
       AND ($3::timestamptz IS NULL OR (s.created_at, s.id) < ($3, $4::uuid))
       ORDER BY s.created_at DESC, s.id DESC LIMIT $5`,
      [
        filter.namePrefix ?? null,
        filter.status ?? null,
        filter.before?.[0] ?? null,
        filter.before?.[1] ?? null,
        filter.limit + 1,
      ],
    );
    const page = rows.slice(0, filter.limit);
    const last = page.at(-1);
    return {
      statements: page.map((row) => statementOf(row, [])),
      ...(rows.length > page.length && last ? { next: [last.position!, last.id!] as [string, string] } : {}),
    };
  }

  async setStatus(
    id: string,
    change: { status: StatementStatus; error?: string | undefined; pid?: number; durationNs?: number },
  ): Promise<void> {
    await this.rows(
      `UPDATE "_redshift_state".statement SET status = $2, error = $3, pid = coalesce($4, pid), duration_ns = coalesce($5, duration_ns),
       updated_at = clock_timestamp() WHERE id = $1`,
      [id, change.status, change.error ?? null, change.pid ?? null, change.durationNs ?? null],
    );
  }

  async setPart(
    id: string,
    number: number,
    change: {
      status: StatementStatus;
      error?: string | undefined;
      command?: string;
      hasResultSet?: boolean;
      resultRows?: number;
      resultBytes?: number;
      durationNs?: number;
      columnMetadata?: unknown[];
    },
  ): Promise<void> {
    await this.rows(
      `UPDATE "_redshift_state".statement_part SET status = $3, error = $4, command = coalesce($5, command),
       has_result_set = coalesce($6, has_result_set), result_rows = coalesce($7, result_rows), result_bytes = coalesce($8, result_bytes),
       duration_ns = coalesce($9, duration_ns), column_metadata = coalesce($10, column_metadata),
       started_at = CASE WHEN $3 = 'STARTED' THEN clock_timestamp() ELSE started_at END, updated_at = clock_timestamp()
       WHERE statement_id = $1 AND number = $2`,
      [
        id,
        number,
        change.status,
        change.error ?? null,
        change.command ?? null,
        change.hasResultSet ?? null,
        change.resultRows ?? null,
        change.resultBytes ?? null,
        change.durationNs ?? null,
        change.columnMetadata === undefined ? null : JSON.stringify(change.columnMetadata),
      ],
    );
  }

  /** Rows are JSON arrays of fields, as text. */
  async addResultRows(id: string, number: number, firstRow: number, rows: string[]): Promise<void> {
    await this.rows(
      `INSERT INTO "_redshift_state".result_row SELECT $1, $2, $3::bigint + r.n - 1, r.fields FROM unnest($4::text[]) WITH ORDINALITY r(fields, n)`,
      [id, number, firstRow, rows],
    );
  }

  async resultRows(id: string, number: number, fromRow: number, limit: number): Promise<string[]> {
    const rows = await this.rows(
      `SELECT fields FROM "_redshift_state".result_row WHERE statement_id = $1 AND number = $2 AND row_number >= $3 ORDER BY row_number LIMIT $4`,
      [id, number, fromRow, limit],
    );
    return rows.map((row) => row.fields!);
  }

  /**
   * Statements an earlier server left unfinished. Their transactions are over (the caller saw to it): those whose
   * commit mark is there were committed, the others were not.
   */
  async settleInterrupted(error: string): Promise<void> {
    await this.rows(
      `UPDATE "_redshift_state".statement_part p SET
        status = CASE WHEN m.statement_id IS NOT NULL THEN 'FINISHED' WHEN p.status = 'STARTED' THEN 'FAILED' ELSE 'ABORTED' END,
        error = CASE WHEN m.statement_id IS NULL THEN $1 END, updated_at = clock_timestamp()
      FROM "_redshift_state".statement s LEFT JOIN "_redshift_state".commit_mark m ON m.statement_id = s.id
      WHERE s.id = p.statement_id AND s.status IN ('SUBMITTED', 'PICKED', 'STARTED') AND p.status NOT IN ('FAILED', 'ABORTED')
        AND (p.status <> 'FINISHED')`,
      [error],
    );
    await this.rows(
      `UPDATE "_redshift_state".statement s SET status = CASE WHEN m.statement_id IS NOT NULL THEN 'FINISHED' ELSE 'FAILED' END,
        error = CASE WHEN m.statement_id IS NULL THEN $1 END, updated_at = clock_timestamp()
      FROM "_redshift_state".statement t LEFT JOIN "_redshift_state".commit_mark m ON m.statement_id = t.id
      WHERE t.id = s.id AND s.status IN ('SUBMITTED', 'PICKED', 'STARTED')`,
      [error],
    );
    await this.rows(
      `UPDATE "_redshift_state".load SET status = 'aborted', end_time = now() AT TIME ZONE 'UTC' WHERE status = 'executing'`,
    );
  }

  /** Statements, their results and marks are kept for a day (AWS: results 24 hours). */
  async forgetOld(): Promise<void> {
    await this.rows(
      `DELETE FROM "_redshift_state".result_row WHERE statement_id IN (SELECT id FROM "_redshift_state".statement WHERE created_at < now() - interval '24 hours' AND status IN ('FINISHED', 'FAILED', 'ABORTED'))`,
    );
    await this.rows(
      `DELETE FROM "_redshift_state".commit_mark WHERE statement_id IN (SELECT id FROM "_redshift_state".statement WHERE created_at < now() - interval '24 hours' AND status IN ('FINISHED', 'FAILED', 'ABORTED'))`,
    );
    await this.rows(
      `DELETE FROM "_redshift_state".statement WHERE created_at < now() - interval '24 hours' AND status IN ('FINISHED', 'FAILED', 'ABORTED')`,
    );
  }
}

function partOf(row: Row): StatementPart {
  return {
    number: Number(row.number),
    sql: row.sql!,
    status: row.status as StatementStatus,
    error: row.error!,
    hasResultSet: row.has_result_set === 't',
    resultRows: Number(row.result_rows),
    resultBytes: Number(row.result_bytes),
    durationNs: Number(row.duration_ns),
    queryId: Number(row.query_id),
    columnMetadata: row.column_metadata == null ? null : (JSON.parse(row.column_metadata) as unknown[]),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

function statementOf(row: Row, parts: StatementPart[]): Statement {
  return {
    id: row.id!,
    request: JSON.parse(row.request!) as StatementRequest,
    requestHash: row.request_hash!,
    isBatch: row.is_batch === 't',
    status: row.status as StatementStatus,
    error: row.error!,
    pid: row.pid == null ? null : Number(row.pid),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    durationNs: Number(row.duration_ns),
    parts,
  };
}
