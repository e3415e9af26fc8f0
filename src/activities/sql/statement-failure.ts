import { Terminal, Transient } from '../../clients/errors.ts';
import { copiedFile } from '../../pipeline/sql/sql-error.ts';
import type { SqlFailure } from '../../pipeline/sql/sql-error-case.ts';
import { asSentence, cut, onOneLine } from '../../pipeline/text/sentences.ts';
import type { Failed } from './until-ended.ts';

const MAX_SQL_SHOWN = 300;

/**
 * The error to throw for a failed transaction. The first line of its message has the cause and what to do, if they are
 * known; Redshift's own words and the statement follow on lines of their own.
 */
export function statementFailure(
  { name, statements }: { readonly name: string; readonly statements: readonly string[] },
  { error, failedStatement }: Failed,
  failure: SqlFailure,
): Terminal | Transient {
  const { means, advice, retried, code } = failure;
  const file = copiedFile(error);
  const words = onOneLine(error);
  const sql = failedStatement === undefined ? undefined : statements[failedStatement - 1];
  const message = [
    ...(means === ''
      ? [`${name} failed: ${asSentence(words)} ${advice}`]
      : [
          `${means}${file === undefined ? '' : ` It is ${file}.`} ${advice}`.trim(),
          `${name} failed: ${asSentence(words)}`,
        ]),
    ...(sql === undefined ? [] : [`Statement ${failedStatement}: ${cut(onOneLine(sql), MAX_SQL_SHOWN)}`]),
  ].join('\n');
  return retried ? new Transient(code, message) : new Terminal(code, message);
}
