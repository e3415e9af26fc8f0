import { proxyActivities } from '@temporalio/workflow';
import type {
  ExplainedPartition,
  ExplainPartitionInput,
  GraphControlActivities,
} from '../../../contract/datasets/graph.ts';
import { explainingFailure } from '../../explaining-failure.ts';
import { refuseUnknownInput } from '../../known-input.ts';
import { profiles } from '../../profiles.ts';

const activities = proxyActivities<GraphControlActivities>(profiles.short);

/** What a published partition was built from. */
export async function explainPartition(input: ExplainPartitionInput): Promise<ExplainedPartition> {
  refuseUnknownInput(input, { dataset: true, partition: true, publication: true, generation: true });
  return explainingFailure(
    () => `Failed: the explanation of ${input.dataset}`,
    () => undefined,
    () => activities.explainPartition(input),
  );
}
