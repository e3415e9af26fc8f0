import { quoteIdentifier } from '../sql/identifier.ts';
import { type MergeRule, type Target, typeOf } from './target.ts';

/**
 * Keys are compared here and nowhere else. Redshift ignores trailing blanks when it compares texts, so `a` and `a ` would be
 * one key: their lengths in bytes are compared as well.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
 */

/** The condition that two relations have the same key, which is never NULL in either. @param a its name in the query, quoted */
export function sameKey(target: Target, rule: MergeRule, a: string, b: string): string {
  return keyParts(target, rule)
    .map((part) => `${part(a)} = ${part(b)}`)
    .join(' AND ');
}

/** What makes a key distinct, for GROUP BY and PARTITION BY. */
export function distinctKey(target: Target, rule: MergeRule, relation?: string): string {
  return keyParts(target, rule)
    .map((part) => part(relation))
    .join(', ');
}

type Part = (relation?: string) => string;

function keyParts(target: Target, { key }: MergeRule): Part[] {
  return key.flatMap((name): Part[] => {
    const column: Part = (relation) =>
      relation === undefined ? quoteIdentifier(name) : `${relation}.${quoteIdentifier(name)}`;
    const length: Part = (relation) => `OCTET_LENGTH(${column(relation)})`;
    return typeOf(target, name).kind === 'character' ? [column, length] : [column];
  });
}
