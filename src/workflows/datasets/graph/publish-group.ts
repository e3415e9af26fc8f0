import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  GraphControlActivities,
  PublishGroupInput,
  PublishGroupResult,
} from '../../../contract/datasets/graph.ts';
import { explainingFailure } from '../../explaining-failure.ts';
import { refuseUnknownInput } from '../../known-input.ts';
import { profiles } from '../../profiles.ts';

const activities = proxyActivities<GraphControlActivities>(profiles.short);

/** Publishes a group of datasets, as it is now. Members that are not complete must be accepted, with a reason. */
export async function publishGroup(input: PublishGroupInput): Promise<PublishGroupResult> {
  refuseUnknownInput(input, { publication: true, accept: true });
  return explainingFailure(
    () => `Failed: publication ${input.publication}`,
    () => undefined,
    () => activities.publishGroup({ ...input, now: workflowInfo().startTime.toISOString() }),
  );
}
