import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  GraphControlActivities,
  PlanDatasetsInput,
  PlanDatasetsResult,
} from '../../../contract/datasets/graph.ts';
import { explainingFailure } from '../../explaining-failure.ts';
import { refuseUnknownInput } from '../../known-input.ts';
import { profiles } from '../../profiles.ts';

const activities = proxyActivities<GraphControlActivities>(profiles.short);

/** What a run would build, and why. It changes nothing. */
export async function planDatasets(input: PlanDatasetsInput): Promise<PlanDatasetsResult> {
  refuseUnknownInput(input, { datasets: true, only: true, from: true, to: true, reverse: true, now: true });
  return explainingFailure(
    () => 'Failed: the plan of datasets',
    () => undefined,
    () => activities.planDatasets({ ...input, now: input.now ?? workflowInfo().startTime.toISOString() }),
  );
}
