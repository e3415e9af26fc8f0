import type { Pool } from 'pg';
import type { ResultFormat, Statement } from './statement.ts';

/** Rows of a result, as one answer returns them. */
export interface ResultPage {
  statementId: string;
  number: number;
  firstRow: number;
  rowCount: number;
  format: ResultFormat;
  content: string;
}

/** How long a change may stay unwritten if no client waits for it: SQL reads these states as well, in stv_recents. */
const LAZY_MILLISECONDS = 20;

/**
 * Writes the states of running statements to PostgreSQL, in one query all that changed since the last write. A quick
 * statement is written once, with its end.
 */
export class StateWriter {
  readonly #pool: Pool;
  readonly #changed = new Map<string, Statement>();
  #pages: ResultPage[] = [];
  #events: { statementId: string; event: object }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The statement has changed; it will be written soon. */
  note(statement: Statement): void {
    this.#changed.set(statement.id, statement);
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), LAZY_MILLISECONDS).unref();
  }

  addPage(page: ResultPage): void {
    this.#pages.push(page);
  }

  addEvent(statementId: string, event: object): void {
    this.#events.push({ statementId, event });
  }

  /** Resolves when all changes so far are written. @throws if PostgreSQL refuses them; they are kept for the next write. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const next = this.#writing.then(() => this.#write());
    this.#writing = next.catch(() => {});
    return next;
  }

  async #write(): Promise<void> {
    const pages = this.#pages;
    const events = this.#events;
    const statements = [...this.#changed.values()];
    if (statements.length + pages.length + events.length === 0) return;
    this.#changed.clear();
    this.#pages = [];
    this.#events = [];
    try {
      await this.#pool.query({
        name: 'write-states',
        text: WRITE_QUERY,
        values: [
          JSON.stringify(statements.map(statementRow)),
          JSON.stringify(statements.flatMap(partRows)),
          pages.map((page) => page.statementId),
          pages.map((page) => page.number),
          pages.map((page) => page.firstRow),
          pages.map((page) => page.rowCount),
          pages.map((page) => page.content),
          events.map((event) => event.statementId),
          events.map((event) => JSON.stringify(event.event)),
        ],
      });
    } catch (error) {
      for (const statement of statements)
        if (!this.#changed.has(statement.id)) this.#changed.set(statement.id, statement);
      this.#pages.unshift(...pages);
      this.#events.unshift(...events);
      throw error;
    }
  }
}

const WRITE_QUERY = `WITH statements AS (
    UPDATE "_redshift_state".statement t SET status = j.status, error = j.error, pid = j.pid, duration_ns = j.duration_ns, updated_at = to_timestamp(j.updated_at)
    FROM jsonb_to_recordset($1::jsonb) j(id uuid, status text, error text, pid int, duration_ns bigint, updated_at float8) WHERE t.id = j.id),
  pages AS (
    INSERT INTO "_redshift_state".result_page (statement_id, number, first_row, row_count, content)
    SELECT * FROM unnest($3::uuid[], $4::int[], $5::bigint[], $6::bigint[], $7::text[])),
  events AS (
    INSERT INTO "_redshift_state".statement_event (statement_id, event) SELECT * FROM unnest($8::uuid[], $9::jsonb[]))
  UPDATE "_redshift_state".statement_part t SET status = j.status, error = j.error, command = j.command, has_result_set = j.has_result_set,
    result_rows = j.result_rows, result_bytes = j.result_bytes, duration_ns = j.duration_ns, column_metadata = j.column_metadata,
    started_at = to_timestamp(j.started_at), updated_at = to_timestamp(j.updated_at)
  FROM jsonb_to_recordset($2::jsonb) j(statement_id uuid, number int, status text, error text, command text, has_result_set boolean,
    result_rows bigint, result_bytes bigint, duration_ns bigint, column_metadata jsonb, started_at float8, updated_at float8)
  WHERE t.statement_id = j.statement_id AND t.number = j.number`;

function statementRow(statement: Statement): object {
  const { id, status, error, pid, durationNs, updatedAt } = statement;
  return { id, status, error: printable(error), pid, duration_ns: durationNs, updated_at: updatedAt };
}

function partRows(statement: Statement): object[] {
  return statement.parts.map((part) => ({
    statement_id: statement.id,
    number: part.number,
    status: part.status,
    error: printable(part.error),
    command: part.command,
    has_result_set: part.hasResultSet,
    result_rows: part.resultRows,
    result_bytes: part.resultBytes,
    duration_ns: part.durationNs,
    column_metadata: part.columnMetadata,
    started_at: part.startedAt,
    updated_at: part.updatedAt,
  }));
}

/** PostgreSQL cannot store a NUL in text. */
function printable(text: string | null): string | null {
  return text?.replaceAll('\0', '\ufffd') ?? null;
}
