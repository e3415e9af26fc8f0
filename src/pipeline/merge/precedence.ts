import { byteLength, compareBytes, quoteIdentifier } from '../sql/identifier.ts';
import { columnOf, type MergeRule, type Target, typeOf } from './target.ts';

/**
 * The order of rows with the same key, the winner first: the greatest `newest`, then a delete, then the greatest of the
 * other columns, by name in byte order, whatever order the table has them in: a column that was added later makes no
 * difference, because an absent value is NULL, and NULL is smallest.
 */

/** Terms of ORDER BY for one column. They are equal only if the values are the same bytes. */
export function greatestFirst(target: Target, name: string): string[] {
  const column = quoteIdentifier(name);
  const first = (expression: string) => `${expression} DESC NULLS LAST`;
  switch (typeOf(target, name).kind) {
    case 'character':
      return [
        first(column),
        first(`OCTET_LENGTH(${column})`),
        ...(columnOf(target, name).isCaseInsensitive ? [first(`MD5(${column})`)] : []),
      ];
    case 'char':
      return [first(column), ...(columnOf(target, name).isCaseInsensitive ? [first(`MD5(${column})`)] : [])];
    case 'float':
      // Zero and minus zero are equal.
      return [first(column), first(`${column}::VARCHAR`)];
    case 'super':
      // As VARBYTE, because a VARCHAR holds 64 KB.
      return [first(`JSON_SERIALIZE_TO_VARBYTE(${column})`)];
    case 'whole':
    case 'decimal':
    case 'boolean':
    case 'time':
    case 'varbyte':
    case 'opaque':
      return [first(column)];
  }
}

/** The columns that decide after `newest` and the deletes, in their order. */
const otherColumns = (target: Target, rule: MergeRule): string[] =>
  target.columns
    .map(({ name }) => name)
    .filter((name) => name !== rule.newest && !rule.key.includes(name))
    .sort(compareBytes);

/** Columns of one step of the ranking: its ORDER BY stays far below the limit of a statement, and of a query's columns. */
const MAX_STEP_COLUMNS = 300;
const MAX_STEP_BYTES = 40_000;

/** The other columns' terms, divided into steps. Each step ranks only rows that are equal in all earlier steps. */
export function rankingSteps(target: Target, rule: MergeRule): string[][] {
  const steps: string[][] = [[]];
  let columns = 0;
  let bytes = 0;
  for (const name of otherColumns(target, rule)) {
    const terms = greatestFirst(target, name);
    const length = byteLength(terms.join(', '));
    if (columns === MAX_STEP_COLUMNS || bytes + length > MAX_STEP_BYTES) {
      steps.push([]);
      columns = 0;
      bytes = 0;
    }
    for (const term of terms) steps.at(-1)!.push(term);
    columns++;
    bytes += length;
  }
  return steps;
}
