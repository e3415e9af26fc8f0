import { proxyActivities } from '@temporalio/workflow';
import type { BackupList, ListBackupsInput } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { backupsOf } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Lists the backups that a rollback can restore. */
export async function listBackups(input: ListBackupsInput): Promise<BackupList> {
  refuseUnknownInput(input, { pipeline: true, destination: true, definition: true });
  return explainingFailure(
    () => `Failed: list of the backups of ${input.pipeline}`,
    () => undefined,
    () => backupsOf(input),
  );
}
