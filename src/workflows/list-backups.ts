import { proxyActivities } from '@temporalio/workflow';
import type { ControlActivities } from '../activities/interface.ts';
import type { BackupList, ListBackupsInput } from './messages.ts';
import { profiles } from './profiles.ts';

const { backupsOf } = proxyActivities<ControlActivities>(profiles.short);

/** Tells what a rollback could go back to. */
export async function listBackups(input: ListBackupsInput): Promise<BackupList> {
  return backupsOf(input);
}
