import { fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { besideName } from '../../pipeline/merge/beside-tables.ts';
import { type LedgerFile, ledgerFiles, ledgerQueries } from '../../pipeline/merge/ledger-queries.ts';
import { quoteLiteral } from '../../pipeline/sql/identifier.ts';
import type { OpenLoader } from '../load-batch/open-batch.ts';
import { query } from '../sql/transaction.ts';

/** Asks the ledger about files. Nothing is created: before the first batch there is no ledger, and it knows no file. */
export function ledgerOf(
  open: OpenLoader,
): (files: readonly SourceFile[]) => Promise<ReadonlyMap<string, LedgerFile>> {
  let exists = false;
  const { schema, table } = open.definition.target;
  return async (files) => {
    exists ||= await hasTable(open, schema, besideName('files', table));
    const known = new Map<string, LedgerFile>();
    if (!exists) return known;
    for (const sql of ledgerQueries({ schema, table }, files)) {
      const name = `tributary ledger of ${schema}.${table}`;
      const [rows = []] = await query(open.database, name, [sql], open.signal, open.watch);
      for (const file of ledgerFiles(rows)) known.set(fileId(file), file);
    }
    return known;
  };
}

async function hasTable(open: OpenLoader, schema: string, table: string): Promise<boolean> {
  const sql =
    'SELECT 1 AS "found" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
    `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname = ${quoteLiteral(table)}`;
  const name = `tributary table ${schema}.${table}`;
  const [rows = []] = await query(open.database, name, [sql], open.signal, open.watch);
  return rows.length > 0;
}
