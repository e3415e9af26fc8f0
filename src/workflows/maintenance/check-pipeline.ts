import { proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { CheckPipelineInput, CheckPipelineResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { checksTable } from './checks-table.ts';

const { checkServices } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Checks, as a worker and with its identity, everything that a run of the pipeline needs from the services. */
export async function checkPipeline(input: CheckPipelineInput): Promise<CheckPipelineResult> {
  refuseUnknownInput(input, { pipeline: true, destination: true, definition: true });
  upsertMemo({ pipeline: input.pipeline });
  const result = await explainingFailure(
    () => `Failed: check of ${input.pipeline}`,
    () => undefined,
    () => checkServices(input),
  );
  setCurrentDetails(checksTable(result.checks));
  return result;
}
