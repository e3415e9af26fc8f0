import { proxyActivities } from '@temporalio/workflow';
import type { RemoveLeftoversInput, RemoveLeftoversResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { removeFound } = proxyActivities<MaintenanceActivities>(profiles.statements);

/** Removes the leftovers that `checkPipeline` found, each only if nothing needs it by now. */
export async function removeLeftovers(input: RemoveLeftoversInput): Promise<RemoveLeftoversResult> {
  refuseUnknownInput(input, { pipeline: true, destination: true, definition: true, leftovers: true });
  return explainingFailure(
    () => `Failed: removal of leftovers of ${input.pipeline}`,
    () => undefined,
    () => removeFound(input),
  );
}
