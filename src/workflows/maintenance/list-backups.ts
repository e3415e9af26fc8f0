import { proxyActivities } from '@temporalio/workflow';
import type { BackupList, ListBackupsInput } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { backupsOf } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Tells what a rollback could go back to. */
export async function listBackups(input: ListBackupsInput): Promise<BackupList> {
  refuseUnknownInput(input, { pipeline: true, definition: true });
  return backupsOf(input);
}
