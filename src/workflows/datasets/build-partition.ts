import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { DatasetActivities } from '../../contract/datasets/dataset-activities.ts';
import type { BuildPartitionInput, BuildPartitionResult } from '../../contract/datasets/datasets.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { buildGeneration } = proxyActivities<DatasetActivities>(profiles.datasets);

/** Publishes one generation of a partition, with all that open intakes offer to it. It can be started alone, at any time. */
export async function buildPartition(input: BuildPartitionInput): Promise<BuildPartitionResult> {
  refuseUnknownInput(input, {
    dataset: true,
    partition: true,
    now: true,
    force: true,
    empty: true,
    reads: true,
  });
  const { dataset, partition } = input;
  const result = await explainingFailure(
    () => `Failed: partition ${partition} of ${dataset}`,
    () => ({
      fix: 'Fix the cause; the next run builds the partition again',
      commands: [`tributary dataset run ${dataset}`],
      resumes: false,
    }),
    () => buildGeneration.executeWithOptions({ summary: `${partition} of ${dataset}` }, [input]),
  );
  setCurrentDetails(
    `**${result.isUnchanged ? 'Unchanged' : 'Published'}**: generation ${result.generation}, ${counted(result.rows, 'row')}`,
  );
  return result;
}
