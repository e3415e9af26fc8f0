import { z } from 'zod';
import { qualified, quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { LEDGER_TABLE } from '../sql/system-tables.ts';
import type { PartFile } from './part-file.ts';

/**
 * Records which files are loaded. Each load writes its rows as its last statement, in its own transaction. The ledger is
 * read only outside of loads, so that loads into different tables of a schema never conflict.
 */

interface LedgerRow {
  readonly fileKey: string;
  readonly fileEtag: string;
  readonly rows: number;
}

export const createLedger = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, LEDGER_TABLE)} ("table_name" VARCHAR(127) NOT NULL, ` +
  '"file_key" VARCHAR(4096) NOT NULL, "file_etag" VARCHAR(256) NOT NULL, "rows" BIGINT NOT NULL, ' +
  '"run" VARCHAR(256) NOT NULL, "load_id" VARCHAR(64) NOT NULL) DISTSTYLE AUTO SORTKEY AUTO';

export function insertLedger(
  schema: string,
  load: {
    readonly table: string;
    readonly run: string;
    readonly loadId: string;
    readonly files: readonly PartFile[];
  },
): string {
  const rows = load.files.map((file) => ledgerValues(load, file));
  return (
    `INSERT INTO ${qualified(schema, LEDGER_TABLE)} ("table_name", "file_key", "file_etag", "rows", "run", "load_id") ` +
    `VALUES ${rows.join(', ')}`
  );
}

/** The values of one file in the INSERT of `insertLedger`. */
export function ledgerValues(
  { table, run, loadId }: { readonly table: string; readonly run: string; readonly loadId: string },
  file: PartFile,
): string {
  const texts = [quoteLiteral(table), quoteLiteral(file.key), quoteLiteral(file.etag)];
  return `(${[...texts, file.rows, quoteLiteral(run), quoteLiteral(loadId)].join(', ')})`;
}

/** Queries for the files loaded into a table and for its row count. Run both in one batch, so that they are consistent. */
export function loadedQueries(
  schema: string,
  table: string,
): { readonly ledger: string; readonly rows: string } {
  return {
    ledger:
      `SELECT "file_key", "file_etag", "rows" FROM ${qualified(schema, LEDGER_TABLE)} ` +
      `WHERE "table_name" = ${quoteLiteral(table)}`,
    rows: `SELECT count(*) AS "rows" FROM ${qualified(schema, table)}`,
  };
}

/** The files loaded into a table, and the rows it holds. */
export interface Loaded {
  readonly files: readonly LedgerRow[];
  readonly rows: number;
}

const LedgerResult = z.object({ file_key: z.string(), file_etag: z.string(), rows: Count });
const RowsResult = z.tuple([z.object({ rows: Count })]);

/** Parses the results of `loadedQueries`. */
export function loadedOf(ledger: readonly ResultRow[], rows: readonly ResultRow[]): Loaded {
  return {
    files: z
      .array(LedgerResult)
      .parse(ledger)
      .map((row) => ({ fileKey: row.file_key, fileEtag: row.file_etag, rows: row.rows })),
    rows: RowsResult.parse(rows)[0].rows,
  };
}
