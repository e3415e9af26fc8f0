import { proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { CheckLoaderInput, CheckLoaderResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { checksTable } from './checks-table.ts';

const { checkLoaderServices } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Checks, as a worker and with its identity, everything that a loader needs from the services. */
export async function checkLoader(input: CheckLoaderInput): Promise<CheckLoaderResult> {
  refuseUnknownInput(input, { loader: true });
  upsertMemo({ loader: input.loader });
  const result = await explainingFailure(
    () => `Failed: check of loader ${input.loader}`,
    () => undefined,
    () => checkLoaderServices(input),
  );
  setCurrentDetails(checksTable(result.checks));
  return result;
}
