import type { ClientBase, Pool } from 'pg';
import type { CopyOutcome } from './copy-outcome.ts';

export interface Load {
  queryId: number;
  pid: number;
  tableName: string;
  tableId: number;
  source: string;
  /** UTC, as PostgreSQL reads it. */
  startTime: string;
}

/**
 * sys_load_history and the load errors. They are written outside the COPY's own transaction, so that they survive its
 * rollback. They are also written inside it (`*_inside`), so that later statements of the batch see them: Redshift's
 * system tables do not depend on a transaction's snapshot, PostgreSQL's do.
 */
export class LoadRecords {
  readonly #pool: Pool;
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async begin(load: Load): Promise<void> {
    await this.#pool.query(
      `INSERT INTO "_redshift_state".load (query_id, pid, status, table_name, table_id, start_time, data_source) VALUES ($1, $2, 'executing', $3, $4, $5, $6)`,
      [load.queryId, load.pid, load.tableName, load.tableId, load.startTime, load.source],
    );
  }

  /** A load stays `completed` here if its batch is rolled back later: its COPY did complete. */
  async end(
    load: Load,
    status: 'completed' | 'failed' | 'aborted',
    outcome: CopyOutcome,
    inside?: ClientBase,
  ): Promise<void> {
    const values = [
      ...[load.queryId, load.pid, status, load.tableId, load.tableName, load.startTime, load.source],
      ...[outcome.loadedRows, outcome.loadedBytes, outcome.sourceFiles, outcome.sourceFileBytes],
      outcome.errorCount,
    ];
    const columns = `(query_id, pid, status, table_id, table_name, start_time, data_source, loaded_rows, loaded_bytes, source_file_count,
      source_file_bytes, error_count, end_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, clock_timestamp() AT TIME ZONE 'UTC')`;
    await this.#pool.query(
      `INSERT INTO "_redshift_state".load ${columns} ON CONFLICT (query_id) DO UPDATE SET status = excluded.status, end_time = excluded.end_time,
       loaded_rows = excluded.loaded_rows, loaded_bytes = excluded.loaded_bytes, source_file_count = excluded.source_file_count,
       source_file_bytes = excluded.source_file_bytes, error_count = excluded.error_count`,
      values,
    );
    await inside?.query(`INSERT INTO "_redshift_state".load_inside ${columns}`, values);
    if (outcome.errors.length === 0) return;
    const errors = (table: string) =>
      `INSERT INTO "_redshift_state".${table} SELECT $1, $2, $3, $4, e."fileName", e."lineNumber", e."columnName", e."columnType",
         e."columnLength", e.position, e."rawLine", e."rawFieldValue", e.code, e.message
       FROM jsonb_to_recordset($5::jsonb) e("fileName" text, "lineNumber" bigint, "columnName" text, "columnType" text,
         "columnLength" text, position int, "rawLine" text, "rawFieldValue" text, code int, message text)`;
    const told = [load.queryId, load.pid, load.tableId, load.startTime, JSON.stringify(outcome.errors)];
    await this.#pool.query(errors('load_error'), told);
    await inside?.query(errors('load_error_inside'), told);
  }
}
