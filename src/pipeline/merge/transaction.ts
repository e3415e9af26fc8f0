import { guard } from '../sql/guard.ts';
import { quoteLiteral } from '../sql/identifier.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { beside } from './beside-tables.ts';
import { fileListStatements, insertFiles } from './file-list.ts';
import { lockStatements, nextVersion } from './lock-table.ts';

interface Loading {
  /** From COPY to the last row of the target. */
  readonly statements: readonly Statement[];
  /** Writes the row of `_tributary_batches`. */
  readonly batchRow: string;
  /** What must hold at the end. */
  readonly guards: readonly Statement[];
}

/**
 * What every batch's transaction has around its load:
 *
 * 1. LOCK of the lock table, which excludes other writers; then the guard on its version.
 * 2. The list of files, and the guard that the ledger has none of them; a replacement may load them again.
 * 3. The load.
 * 4. The ledger, the batch's row, and version + 1.
 * 5. The guards for the result. The last one, when the target can no longer change under us: it is the same table, with the same columns.
 */
export function guardedTransaction(load: BatchLoad, { statements, batchRow, guards }: Loading): Statement[] {
  const { target, batch, version } = load;
  return [
    ...lockStatements(target, load),
    ...fileListStatements(target, load, load, load.replace !== undefined),
    ...statements,
    { sql: insertFiles(target, batch) },
    { sql: batchRow },
    { sql: nextVersion(target, version) },
    ...guards,
    { sql: sameTable(load), guard: 'table' },
  ];
}

/**
 * A guard: the target's name still belongs to the table that the batch was planned for, and it has as many columns. A merge
 * replaces whole rows, so it would empty a column that it does not know.
 */
function sameTable({ target, tableId }: Pick<BatchLoad, 'target' | 'tableId'>): string {
  return guard(
    `count(*) = ${target.columns.length} AND min(c.oid::BIGINT) = ${tableId}`,
    'pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
      'JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ' +
      `WHERE n.nspname = ${quoteLiteral(target.schema)} AND c.relname = ${quoteLiteral(target.table)}`,
  );
}

/**
 * A transaction that enters files into the ledger without loading them: those of a skipped batch, superseded ones, or files
 * that have no rows. They are then never loaded unasked.
 */
export function recordFiles(
  load: Pick<
    BatchLoad,
    'target' | 'batch' | 'version' | 'tableId' | 'bucket' | 'fileListKey' | 'iamRole' | 'region'
  >,
  files: {
    readonly files?: BatchLoad['files'];
    readonly skipped?: BatchLoad['files'];
    readonly superseded?: BatchLoad['files'];
  },
): Statement[] {
  const { target, batch, version } = load;
  return [
    ...lockStatements(target, load),
    ...fileListStatements(target, { files: [], ...files }, load),
    { sql: insertFiles(target, batch) },
    { sql: nextVersion(target, version) },
  ];
}

/** Deletes what is older than so many days from the ledger or the tombstones. One transaction, which may be repeated. */
export function forgetOlder(
  target: BatchLoad['target'],
  kind: 'files' | 'tombstones',
  days: number,
): string[] {
  const column = kind === 'files' ? 'recorded_at' : '_tributary_recorded_at';
  return [
    `LOCK TABLE ${beside('lock', target)}`,
    `DELETE FROM ${beside(kind, target)} WHERE "${column}" < DATEADD(day, -${Math.floor(days)}, GETDATE())`,
  ];
}
