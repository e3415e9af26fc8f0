import { createBatchesTable } from './batches-table.ts';
import { createFilesTable } from './file-list.ts';
import { createLockTable } from './lock-table.ts';
import { createSetAsideTable } from './set-aside.ts';
import type { MergeRule, Target } from './target.ts';
import { createTombstones } from './tombstones.ts';

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
