import { proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { CheckDatasetInput, CheckDatasetResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { checksTable } from './checks-table.ts';

const { checkDatasetServices } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Checks, as a worker and with its identity, everything that a dataset needs. */
export async function checkDataset(input: CheckDatasetInput): Promise<CheckDatasetResult> {
  refuseUnknownInput(input, { dataset: true });
  upsertMemo({ dataset: input.dataset });
  const result = await explainingFailure(
    () => `Failed: check of dataset ${input.dataset}`,
    () => undefined,
    () => checkDatasetServices(input),
  );
  setCurrentDetails(checksTable(result.checks));
  return result;
}
