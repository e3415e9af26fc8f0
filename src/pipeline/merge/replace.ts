import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { isSeveral } from '../sql/statement-kind.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { beside, besideName } from './beside-tables.ts';
import { sameKey } from './same-key.ts';
import type { MergeRule } from './target.ts';
import { BEFORE, KEYS } from './temporary-tables.ts';

/**
 * Statements of a replacement (`tributary load --replace`): they delete the target's rows that meet the condition and, in a
 * merge, the tombstones of the keys that the batch loads, which would suppress their rows. The merge rule thus holds between
 * replacements, not across them.
 * @throws Error if the condition is more than one expression: `replaceProblem` finds that out beforehand.
 */
export function replacedRows({ target }: BatchLoad, condition: string, rule?: MergeRule): Statement[] {
  const problem = replaceProblem(condition);
  if (problem !== undefined) throw new Error(problem);
  const table = qualified(target.schema, target.table);
  // A comment at the end of the condition must not hide the parenthesis.
  const where = `WHERE (${condition}\n)`;
  return [
    { sql: `CREATE TEMP TABLE ${BEFORE} AS SELECT count(*) AS "replaced" FROM ${table} ${where}` },
    { sql: `DELETE FROM ${table} ${where}` },
    ...(rule === undefined
      ? []
      : [
          {
            sql:
              `DELETE FROM ${beside('tombstones', target)} USING ${KEYS} WHERE ` +
              sameKey(target, rule, quoteIdentifier(besideName('tombstones', target.table)), KEYS),
          },
        ]),
  ];
}

/** Why a text cannot be the condition of a replacement; undefined if it can, as far as its form tells. */
export function replaceProblem(condition: string): string | undefined {
  if (condition.trim() === '') return 'the condition of a replacement is empty';
  if (isSeveral(condition)) return `the condition of a replacement has a semicolon: ${condition}`;
  let open = 0;
  for (const character of condition.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, '')) {
    open += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (open < 0) break;
  }
  return open === 0 ? undefined : `the condition of a replacement has unmatched parentheses: ${condition}`;
}
