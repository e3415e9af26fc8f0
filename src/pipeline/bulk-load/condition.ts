import { replaceProblem } from '../merge/replace.ts';

/** Quoted texts and names. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g;

/** A condition has none of these words, unless they are quoted: it reads no other table and changes nothing. */
const WORDS =
  /\b(?:select|with|union|intersect|except|from|into|insert|update|delete|merge|create|alter|drop|truncate|grant|revoke|copy|unload|call|execute|commit|rollback|vacuum|analyze|lock|set)\b/i;

/**
 * Why a text cannot be the condition of a replacement that an operator asks for; undefined if it can. It becomes a part of a
 * statement, so it must be one plain expression: no statements, no subqueries, no comments, and no quoting that Redshift may
 * read in another way than this check does.
 */
export function conditionProblem(condition: string): string | undefined {
  const problem = replaceProblem(condition);
  if (problem !== undefined) return problem;
  const shown = `: ${condition}`;
  if (/[\\$\p{Cc}]/u.test(condition))
    return `the condition of a replacement has a backslash, a dollar sign or a control character${shown}`;
  const bare = condition.replace(QUOTED, ' ? ');
  if (/--|\/\*|\*\//.test(bare)) return `the condition of a replacement has a comment${shown}`;
  if (/['"]/.test(bare)) return `the condition of a replacement has a quote that is not closed${shown}`;
  // EXTRACT(… FROM …), TRIM and SUBSTRING take their arguments with FROM: DATE_PART and the comma form do the same.
  const word = WORDS.exec(bare)?.[0];
  return word === undefined ? undefined : `the condition of a replacement has the word ${word}${shown}`;
}
