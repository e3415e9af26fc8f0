import { patched, proxyActivities, setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { RollbackInput, RollbackResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { swapNotes } from '../../contract/swap-notes.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { rollBack } = proxyActivities<MaintenanceActivities>(profiles.statements);

/**
 * Swaps a backup in, with the same transaction as a replacement: what is live becomes a backup.
 *
 * The choice is recorded under the id of this workflow's first execution, so a reset restores the same run again
 * rather than an older one.
 */
export async function rollbackWarehouse(input: RollbackInput): Promise<RollbackResult> {
  refuseUnknownInput(input, { pipeline: true, destination: true, definition: true, to: true });
  upsertMemo({ pipeline: input.pipeline });
  const result = await explainingFailure(
    () => `Failed: rollback of ${input.pipeline}`,
    () => undefined,
    () =>
      rollBack.executeWithOptions({ summary: `roll back ${input.pipeline}` }, [
        { ...input, request: workflowInfo().firstExecutionRunId },
      ]),
  );
  // For lists of runs: the one that was live is live no more.
  if (result.replaced !== null && patched('rollback-in-memo')) {
    upsertMemo({ restored: result.run, replaced: result.replaced });
  }
  setCurrentDetails(
    `**${result.schema}** holds run \`${result.run}\`, extracted from ${result.extractedFrom} on` +
      `${result.replaced === null ? '' : `; run \`${result.replaced}\` is in \`${result.backupSchema}\``}` +
      swapNotes(result)
        .map((note) => `\n\n${note}`)
        .join(''),
  );
  return result;
}
