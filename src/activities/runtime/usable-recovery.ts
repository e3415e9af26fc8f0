import { Terminal } from '../../clients/errors.ts';
import type { Restorable } from '../../clients/table-exports.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The times as of which a table can be exported.
 * @throws Terminal `RecoveryDisabled`, `TableNotFound`
 */
export async function usableRecovery(
  deps: Pick<Dependencies, 'tableExports'>,
  table: string,
  signal: AbortSignal,
): Promise<Restorable> {
  const restorable = await deps.tableExports.restorable(table, { signal });
  if (restorable === undefined) throw recoveryDisabled(table);
  return restorable;
}

function recoveryDisabled(table: string): Terminal {
  const name = table.slice(table.lastIndexOf('/') + 1);
  return new Terminal(
    'RecoveryDisabled',
    `Point-in-time recovery is disabled for DynamoDB table ${table}, so it cannot be exported. Enable it: ` +
      `aws dynamodb update-continuous-backups --table-name ${name} ` +
      '--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true',
  );
}
