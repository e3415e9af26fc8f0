import { Transient } from '../../clients/errors.ts';
import { addColumnStatements } from '../../pipeline/merge/add-columns.ts';
import type { TargetColumn } from '../../pipeline/merge/target.ts';
import { sqlOf } from '../../pipeline/sql/guarded-statement.ts';
import { GuardFailed, NotInTime } from '../sql/transaction.ts';
import type { OpenLoader } from './open-batch.ts';
import { nameOf, type ReadyTarget, rereadTarget, runAgain } from './prepare-target.ts';

/** While ALTER TABLE waits for a query to end, every later query of the table waits behind it. */
const WAIT_SECONDS = 30;

/**
 * Adds columns to the table, each in a short transaction of its own, and returns the table as it is afterwards. A column
 * that another process has added meanwhile is success.
 * @throws Transient `TargetBusy` if queries hold the table for too long: the next attempt comes later
 */
export async function evolveTarget(
  open: OpenLoader,
  ready: ReadyTarget,
  columns: readonly TargetColumn[],
): Promise<ReadyTarget> {
  const has = async (name: string) => (await rereadTarget(open)).columns.some((each) => each.name === name);
  const transactions = addColumnStatements(
    { target: ready.target, version: ready.version, tableId: ready.target.tableId },
    columns,
  );
  for (const [n, statements] of transactions.entries()) {
    const { name } = columns[n]!;
    try {
      await runAgain(open, `add ${nameOf(open)}.${name}`, sqlOf(statements), {
        timeLimitSeconds: WAIT_SECONDS,
        isOnlyTry: true,
        whoBlocks: (pid) => open.watch.whoBlocks(pid),
      });
    } catch (error) {
      if (error instanceof NotInTime) {
        throw new Transient(
          'TargetBusy',
          `Column ${name} could not be added to ${nameOf(open)} within ${WAIT_SECONDS} s, because queries use the ` +
            'table. It is tried again later, so that new queries do not wait behind it.',
        );
      }
      // Also if another process added it: ADD COLUMN has no IF NOT EXISTS.
      if (error instanceof GuardFailed || !(await has(name))) throw error;
    }
  }
  return { ...ready, target: await rereadTarget(open) };
}
