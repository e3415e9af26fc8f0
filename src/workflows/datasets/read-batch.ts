import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { DatasetActivities } from '../../contract/datasets/dataset-activities.ts';
import type { ReadBatchInput, ReadBatchResult } from '../../contract/datasets/datasets.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { readBatchFiles } = proxyActivities<DatasetActivities>(profiles.datasets);

/** Reads one batch of an intake: its files become rows by partition, which no one reads before they are published. */
export async function readBatch(input: ReadBatchInput): Promise<ReadBatchResult> {
  refuseUnknownInput(input, { dataset: true, intake: true, batch: true });
  const { dataset, intake, batch } = input;
  const result = await explainingFailure(
    () => `Failed: batch ${batch} of intake ${intake} of ${dataset}`,
    () => ({
      fix: 'Fix the cause; the next run takes the files of the batch again',
      commands: [`tributary dataset run ${dataset}`],
      resumes: false,
    }),
    () =>
      readBatchFiles.executeWithOptions({ summary: `batch ${batch} of intake ${intake} of ${dataset}` }, [
        input,
      ]),
  );
  setCurrentDetails(
    `**Done**: ${counted(result.records, 'record')} of ${counted(result.files, 'file')}, ${counted(result.rejects, 'reject')}`,
  );
  return result;
}
