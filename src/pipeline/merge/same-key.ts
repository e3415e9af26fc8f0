import { distinctParts, type KeyPart, sameParts } from '../sql/exact-key.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import { type MergeRule, type Target, typeOf } from './target.ts';

/** The condition that two relations have the same key, which is never NULL in either. @param a its name in the query, quoted */
export const sameKey = (target: Target, rule: MergeRule, a: string, b: string): string =>
  sameParts(keyParts(target, rule, a), keyParts(target, rule, b));

/** What makes a key distinct, for GROUP BY and PARTITION BY. */
export const distinctKey = (target: Target, rule: MergeRule, relation?: string): string =>
  distinctParts(keyParts(target, rule, relation)).join(', ');

const keyParts = (target: Target, { key }: MergeRule, relation?: string): KeyPart[] =>
  key.map((name) => ({
    column: relation === undefined ? quoteIdentifier(name) : `${relation}.${quoteIdentifier(name)}`,
    isText: typeOf(target, name).kind === 'character',
  }));
