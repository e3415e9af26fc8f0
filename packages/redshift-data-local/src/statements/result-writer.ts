import type { FieldDef, PoolClient } from 'pg';
import { csvLine, fieldJson } from '../protocol/fields.ts';
import { RedshiftError } from '../sql/unsupported.ts';
import type { Limits } from './limits.ts';
import type { StateWriter } from './state-writer.ts';
import type { ResultFormat } from './statement.ts';

/** Our page of a result. The service's page size is not documented; clients only see NextToken. */
const PAGE_BYTES = 1024 * 1024;
const PAGE_ROWS = 1_000;
/** Rows fetched first. Later fetches take as many rows as fill a page. */
const FIRST_FETCH_ROWS = 100;

export interface StoredResult {
  fields: FieldDef[];
  rows: number;
  bytes: number;
}

interface ResultWriterOptions {
  readonly statementId: string;
  readonly number: number;
  readonly format: ResultFormat;
  readonly limits: Limits;
  readonly writer: StateWriter;
}

/** Receives the rows of one result and passes them on in pages. */
export class ResultWriter {
  readonly #options: ResultWriterOptions;
  #page: string[] = [];
  #pageSize = 0;
  #firstRow = 0;
  rows = 0;
  bytes = 0;

  constructor(options: ResultWriterOptions) {
    this.#options = options;
  }

  /** @throws if the row or the result is larger than the service returns. */
  add(row: readonly (string | null)[], types: readonly number[]): void {
    const { limits, format } = this.#options;
    let rowBytes = 0;
    for (const value of row) rowBytes += value === null ? 0 : Buffer.byteLength(value);
    this.bytes += rowBytes;
    if (rowBytes > limits.maxRowBytes) {
      throw new RedshiftError(
        `Packet for query is too large: a row of the result has ${rowBytes} bytes, but the Data API returns at most ${limits.maxRowBytes}`,
      );
    }
    if (this.bytes > limits.maxResultBytes) {
      throw new RedshiftError(
        `Database response exceeded size limit: the Data API keeps at most ${limits.maxResultBytes} bytes of a result`,
      );
    }
    const text =
      format === 'CSV'
        ? csvLine(row, types)
        : `[${row.map((value, index) => fieldJson(value, types[index]!)).join(',')}]`;
    this.#page.push(text);
    this.#pageSize += text.length;
    this.rows++;
  }

  /** True if a page must be written before more rows are read. */
  get isFull(): boolean {
    return this.#page.length >= PAGE_ROWS || this.#pageSize >= PAGE_BYTES;
  }

  /** Passes on the rows so far as a page. The next flush writes it. */
  endPage(): void {
    if (this.#page.length === 0) return;
    const { statementId, number, format, writer } = this.#options;
    writer.addPage({
      statementId,
      number,
      firstRow: this.#firstRow,
      rowCount: this.#page.length,
      format,
      content: this.#page.join(format === 'CSV' ? '' : ','),
    });
    this.#firstRow += this.#page.length;
    this.#page = [];
    this.#pageSize = 0;
  }
}

/**
 * Runs a query through a cursor inside the open transaction and stores its result page by page: memory holds only a
 * few pages.
 */
export async function streamQuery(
  client: PoolClient,
  sql: string,
  result: ResultWriter,
  cursor: string,
  options: { writer: StateWriter; signal: AbortSignal },
): Promise<StoredResult> {
  let fetchRows = FIRST_FETCH_ROWS;
  const answers = await client.query<(string | null)[]>({
    text: `DECLARE "${cursor}" NO SCROLL CURSOR FOR ${sql}\n; FETCH ${fetchRows} FROM "${cursor}"`,
    rowMode: 'array',
  });
  // Two queries in one text have two results, which the driver's types do not cover.
  let fetched = (answers as unknown as (typeof answers)[])[1]!;
  const fields = fetched.fields;
  const types = fields.map((field) => field.dataTypeID);
  for (;;) {
    for (const row of fetched.rows) {
      result.add(row, types);
      if (!result.isFull) continue;
      result.endPage();
      await options.writer.flush();
    }
    if (fetched.rows.length < fetchRows) break;
    options.signal.throwIfAborted();
    const averageBytes = Math.max(1, result.bytes / result.rows);
    fetchRows = Math.max(1, Math.min(PAGE_ROWS, Math.floor(PAGE_BYTES / averageBytes)));
    fetched = await client.query<(string | null)[]>({
      text: `FETCH ${fetchRows} FROM "${cursor}"`,
      rowMode: 'array',
    });
  }
  result.endPage();
  if (result.rows > FIRST_FETCH_ROWS) await client.query(`CLOSE "${cursor}"`);
  return { fields, rows: result.rows, bytes: result.bytes };
}
