import { Terminal, Transient } from '../../clients/errors.ts';
import { copiedFile } from '../../pipeline/sql/sql-error.ts';
import type { SqlFailure } from '../../pipeline/sql/sql-error-case.ts';
import { asSentence, cut, onOneLine } from '../../pipeline/text/sentences.ts';
import type { Failed } from './until-ended.ts';

const MAX_SQL_SHOWN = 300;

/** A transaction that failed. */
export interface FailedTransaction {
  readonly name: string;
  readonly statements: readonly string[];
  /** What failed, in the words of the file that defines it, e.g. `its query`. Then the generated statement is not shown. */
  readonly shownAs?: string;
}

/**
 * The error to throw for a failed transaction. The first line of its message has the cause and what to do, if they are
 * known; Redshift's own words and the statement follow on lines of their own.
 */
export function statementFailure(
  { name, statements, shownAs }: FailedTransaction,
  { error, failedStatement }: Failed,
  failure: SqlFailure,
): Terminal | Transient {
  const { means, advice, retried, code } = failure;
  const file = copiedFile(error);
  const words = onOneLine(error);
  const isShown = failedStatement !== undefined && shownAs === undefined;
  const sql = isShown ? statements[failedStatement - 1] : undefined;
  const what = shownAs ?? name;
  const message = [
    ...(means === ''
      ? [`${what} failed: ${asSentence(words)} ${advice}`]
      : [
          `${means}${file === undefined ? '' : ` It is ${file}.`} ${advice}`.trim(),
          `${what} failed: ${asSentence(words)}`,
        ]),
    ...(sql === undefined ? [] : [`Statement ${failedStatement}: ${cut(onOneLine(sql), MAX_SQL_SHOWN)}`]),
  ].join('\n');
  return retried ? new Transient(code, message) : new Terminal(code, message);
}
