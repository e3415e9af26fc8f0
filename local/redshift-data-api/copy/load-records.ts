import type { Pool } from 'pg';
import type { CopyOutcome } from './run-copy.ts';

/**
 * sys_load_history and the load errors. Written outside the COPY's own transaction, because they are to be seen
 * when that is rolled back.
 */
export class LoadRecords {
  private readonly pool: Pool;
  constructor(pool: Pool) {
    this.pool = pool;
  }

  async begin(load: { queryId: number; pid: number; tableName: string; source: string }): Promise<void> {
    await this.pool.query(
      `INSERT INTO "_redshift_state".load (query_id, pid, status, table_name, start_time, data_source) VALUES ($1, $2, 'executing', $3, clock_timestamp() AT TIME ZONE 'UTC', $4)`,
      [load.queryId, load.pid, load.tableName, load.source],
    );
  }

  /** A load that is rolled back later by its batch stays `completed` here: its COPY did complete. */
  async end(
    queryId: number,
    status: 'completed' | 'failed' | 'aborted',
    tableId: number,
    outcome: CopyOutcome,
  ): Promise<void> {
    const { errors } = outcome;
    await this.pool.query(
      `UPDATE "_redshift_state".load SET status = $2, end_time = clock_timestamp() AT TIME ZONE 'UTC', table_id = $3, loaded_rows = $4,
       loaded_bytes = $5, source_file_count = $6, source_file_bytes = $7, error_count = $8 WHERE query_id = $1`,
      [
        queryId,
        status,
        tableId,
        outcome.loadedRows,
        outcome.loadedBytes,
        outcome.sourceFiles,
        outcome.sourceFileBytes,
        outcome.errorCount,
      ],
    );
    if (errors.length === 0) return;
    await this.pool.query(
      `INSERT INTO "_redshift_state".load_error SELECT l.query_id, l.pid, $2, l.start_time, e."fileName", e."lineNumber", e."columnName", e."columnType",
         e."columnLength", e.position, e."rawLine", e."rawFieldValue", e.code, e.message
       FROM "_redshift_state".load l, jsonb_to_recordset($3::jsonb) e("fileName" text, "lineNumber" bigint, "columnName" text, "columnType" text,
         "columnLength" text, position int, "rawLine" text, "rawFieldValue" text, code int, message text) WHERE l.query_id = $1`,
      [queryId, tableId, JSON.stringify(errors)],
    );
  }
}
