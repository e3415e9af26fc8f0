import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { beside, besideName } from './beside-tables.ts';
import { type MergeRule, type Target, typeOf } from './target.ts';

/** Our own column beside the key and `newest`. */
export const RECORDED_AT = '_tributary_recorded_at';

/** The keys whose greatest is a delete, and its `newest`. They are as many as deleted keys, until `forgetOlder`. */
export function createTombstones(target: Target, rule: MergeRule): string {
  const columns = [...rule.key, rule.newest].map(
    (name) => `${quoteIdentifier(name)} ${typeOf(target, name).sql} NOT NULL`,
  );
  return (
    `CREATE TABLE IF NOT EXISTS ${beside('tombstones', target)} (${columns.join(', ')}, ` +
    `${quoteIdentifier(RECORDED_AT)} TIMESTAMP NOT NULL) DISTSTYLE AUTO SORTKEY AUTO`
  );
}

/**
 * Why the table of tombstones does not fit the loader: `merge` names other columns than when the table was created, or a
 * column of the target has another type since. Undefined if it fits.
 * @param tombstones what `targetQuery` finds under `besideName('tombstones', …)`
 */
export function tombstonesProblem(tombstones: Target, target: Target, rule: MergeRule): string | undefined {
  const wanted = [...rule.key, rule.newest];
  const name = `${target.schema}.${besideName('tombstones', target.table)}`;
  const found = tombstones.columns.map((column) => column.name).filter((column) => column !== RECORDED_AT);
  const forget =
    `drop ${name}, and the loader forgets which keys were deleted: an older row of such a key that arrives late ` +
    'would bring it back';
  if (new Set([...found, ...wanted]).size !== found.length || found.length !== wanted.length) {
    return (
      `${name} remembers deleted keys by ${found.join(', ')}, but merge.key and merge.newest now name ` +
      `${wanted.join(', ')}. Restore the earlier rule, or ${forget}`
    );
  }
  for (const column of wanted) {
    const [own, now] = [typeOf(tombstones, column), typeOf(target, column)];
    if (own.sql === now.sql) continue;
    if (own.kind !== 'character' || now.kind !== 'character')
      return `${name}.${column} is ${own.sql}, but the table’s column is now ${now.sql}. To continue, ${forget}`;
    if (lengthOf(own.sql) < lengthOf(now.sql)) {
      return (
        `${name}.${column} is ${own.sql}, too short for the table’s ${now.sql}. Run: ALTER TABLE ` +
        `${qualified(target.schema, besideName('tombstones', target.table))} ALTER COLUMN ${quoteIdentifier(column)} ` +
        `TYPE ${now.sql}`
      );
    }
  }
  return undefined;
}

/** Bytes of a character type; TEXT has 256. */
const lengthOf = (sql: string) => Number(/\d+/.exec(sql)?.[0] ?? (sql.endsWith('(MAX)') ? 65_535 : 256));
