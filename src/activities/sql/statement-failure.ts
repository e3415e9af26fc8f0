import { Terminal, Transient } from '../../clients/errors.ts';
import { copiedFile } from '../../pipeline/sql/sql-error.ts';
import type { SqlFailure } from '../../pipeline/sql/sql-error-case.ts';
import type { Failed } from './until-ended.ts';

const MAX_SQL_SHOWN = 300;

/**
 * The error to throw for a failed transaction. The message begins with the cause and what to do, if they are known, and
 * then has Redshift's own words and the statement.
 */
export function statementFailure(
  { name, statements }: { readonly name: string; readonly statements: readonly string[] },
  { error, failedStatement }: Failed,
  failure: SqlFailure,
): Terminal | Transient {
  const { means, advice, retried, code } = failure;
  const file = copiedFile(error);
  const known = means === '' ? '' : `${means}${file === undefined ? '' : ` It is ${file}.`} ${advice} `;
  const sql = failedStatement === undefined ? undefined : statements[failedStatement - 1];
  const shown = sql === undefined ? '' : ` Statement ${failedStatement}: ${sql.slice(0, MAX_SQL_SHOWN)}`;
  const message = `${known}${name} failed: ${error}.${means === '' ? ` ${advice}` : ''}${shown}`;
  return retried ? new Transient(code, message) : new Terminal(code, message);
}
