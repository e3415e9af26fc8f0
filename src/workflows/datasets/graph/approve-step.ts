import { proxyActivities } from '@temporalio/workflow';
import type {
  ApproveStepInput,
  ApproveStepResult,
  GraphControlActivities,
} from '../../../contract/datasets/graph.ts';
import { explainingFailure } from '../../explaining-failure.ts';
import { refuseUnknownInput } from '../../known-input.ts';
import { profiles } from '../../profiles.ts';

const activities = proxyActivities<GraphControlActivities>(profiles.short);

/** Lets all partitions of a dataset be rebuilt by its current step. */
export async function approveStep(input: ApproveStepInput): Promise<ApproveStepResult> {
  refuseUnknownInput(input, { dataset: true });
  return explainingFailure(
    () => `Failed: the approval of ${input.dataset}`,
    () => undefined,
    () => activities.approveStep(input),
  );
}
