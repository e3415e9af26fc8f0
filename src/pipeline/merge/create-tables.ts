import { quoteIdentifier } from '../sql/identifier.ts';
import { createBatchesTable } from './batches-table.ts';
import { beside } from './beside-tables.ts';
import { createFilesTable } from './file-list.ts';
import { createLockTable } from './lock-table.ts';
import { createSetAsideTable } from './set-aside.ts';
import { type MergeRule, type Target, typeOf } from './target.ts';

/**
 * Creates the tables beside a target, unless they exist: one transaction, which may be repeated. `initLock` then writes the
 * lock's row in another one.
 */
export function createBesideTables(target: Target, rule?: MergeRule): string[] {
  return [
    createLockTable(target),
    createFilesTable(target),
    createBatchesTable(target),
    ...(rule === undefined ? [] : [createTombstones(target, rule), createSetAsideTable(target)]),
  ];
}

/** The keys whose greatest is a delete. They are as many as deleted keys, until `forgetOlder`. */
function createTombstones(target: Target, rule: MergeRule): string {
  const columns = [...rule.key, rule.newest].map(
    (name) => `${quoteIdentifier(name)} ${typeOf(target, name).sql} NOT NULL`,
  );
  return (
    `CREATE TABLE IF NOT EXISTS ${beside('tombstones', target)} (${columns.join(', ')}, ` +
    '"_tributary_recorded_at" TIMESTAMP NOT NULL) DISTSTYLE AUTO SORTKEY AUTO'
  );
}
