import type { Row, Warehouse } from '../clients/warehouse.ts';
import { quoteLiteral } from '../pipeline/identifier.ts';
import { query } from './transaction.ts';

const SHOWN = 5;

/**
 * What Redshift noted of the rows COPY refused, as text: file, line, column, reason. Empty where it noted
 * nothing, or where this user may not see it.
 * @param prefix of the files' addresses: those of one run
 */
export async function loadErrors(database: Warehouse, prefix: string, signal: AbortSignal): Promise<string> {
  const sql =
    'SELECT TRIM(file_name) AS "file", line_number AS "line", TRIM(column_name) AS "column", ' +
    'TRIM(column_type) AS "type", TRIM(error_message) AS "reason" FROM sys_load_error_detail ' +
    `WHERE STRPOS(file_name, ${quoteLiteral(prefix)}) = 1 ORDER BY start_time DESC LIMIT ${SHOWN}`;
  let rows: readonly Row[];
  try {
    [rows = []] = await query(database, 'tributary load errors', [sql], signal);
  } catch (error) {
    signal.throwIfAborted();
    return ` (sys_load_error_detail could not be read: ${Error.isError(error) ? error.message : String(error)})`;
  }
  if (rows.length === 0) return '';
  const lines = rows.map(
    (row) => `${String(row.file)} line ${row.line}, column ${row.column} (${row.type}): ${row.reason}`,
  );
  return ` Rows it refused: ${lines.join('; ')}.`;
}
