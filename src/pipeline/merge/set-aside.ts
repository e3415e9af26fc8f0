import { quoteIdentifier } from '../sql/identifier.ts';
import { textSql } from '../sql/text-sql.ts';
import { beside } from './beside-tables.ts';
import { type MergeRule, type Target, typeOf } from './target.ts';
import { INCOMING, isUnordered, READ } from './temporary-tables.ts';

/** Rows that cannot be merged. COPY does not tell their file: `loader rejects` looks for it in the batch's files. */
export const createSetAsideTable = (target: Target) =>
  `CREATE TABLE IF NOT EXISTS ${beside('set_aside', target)} ("batch" BIGINT NOT NULL, "reason" VARCHAR(256) NOT NULL, ` +
  '"row_json" SUPER, "recorded_at" TIMESTAMP NOT NULL) DISTSTYLE AUTO SORTKEY ("recorded_at")';

/** Pairs in one OBJECT: a function takes at most 100 arguments. An array then holds up to 100 such objects. */
const MAX_PAIRS = 40;

/**
 * Sets aside the rows of files whose key or `newest` is NULL. The row is an array of objects, which together have all its
 * columns: SUPER holds 16 MB, where a VARCHAR, and so any concatenation, ends at 64 KB.
 */
export function setAside(target: Target, rule: MergeRule, batch: number): string {
  const pairs = target.columns.map(({ name }) => `${textSql(name)}, ${jsonValue(target, name)}`);
  const objects: string[] = [];
  for (let at = 0; at < pairs.length; at += MAX_PAIRS)
    objects.push(`OBJECT(${pairs.slice(at, at + MAX_PAIRS).join(', ')})`);
  const reasons = [...rule.key, rule.newest].map(
    (name) => `WHEN ${quoteIdentifier(name)} IS NULL THEN ${textSql(`${name} is NULL`)}`,
  );
  return (
    `INSERT INTO ${beside('set_aside', target)} ("batch", "reason", "row_json", "recorded_at") ` +
    `SELECT ${batch}, CASE ${reasons.join(' ')} END, ARRAY(${objects.join(', ')}), GETDATE() ` +
    `FROM ${INCOMING} WHERE ${READ} = 1 AND (${isUnordered(rule)})`
  );
}

/** A value that a SUPER holds without loss: times cannot be cast to it, and decimals are exact only as texts. */
function jsonValue(target: Target, name: string): string {
  const column = quoteIdentifier(name);
  switch (typeOf(target, name).kind) {
    case 'decimal':
    case 'float':
    case 'time':
      return `${column}::VARCHAR`;
    case 'varbyte':
      return `FROM_VARBYTE(${column}, 'hex')`;
    case 'character':
    case 'char':
    case 'whole':
    case 'boolean':
    case 'super':
    case 'opaque':
      return column;
  }
}
