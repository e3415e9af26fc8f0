import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { buildPartitionWorkflowId } from '../../contract/datasets/datasets.ts';
import { rootCause } from '../../contract/failure.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { failureText } from '../temporal/failure-text.ts';

/** A partition whose last build failed. */
export interface FailedBuild {
  readonly partition: string;
  readonly workflowId: string;
  /** `DatasetTypesDiffer` */
  readonly code: string;
  readonly error: string;
}

const AT_ONCE = 8;

/** Of these partitions, those whose last build failed, with the reason. What Temporal no longer keeps is not found. */
export async function failedBuilds(
  client: Client,
  dataset: string,
  partitions: readonly string[],
): Promise<FailedBuild[]> {
  const found: FailedBuild[] = [];
  await forEachLimited(
    partitions,
    AT_ONCE,
    async (partition) => {
      const workflowId = buildPartitionWorkflowId(dataset, partition);
      const failure = await failureOf(client, workflowId);
      if (failure === undefined) return;
      const { type: code } = rootCause(failure);
      found.push({ partition, workflowId, code, error: failureText(failure) });
    },
    new AbortController().signal,
  );
  return found.toSorted((a, b) => (a.partition < b.partition ? -1 : 1));
}

/** Undefined if it runs, has succeeded or is not there. */
async function failureOf(client: Client, workflowId: string): Promise<Error | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { status, runId } = await handle.describe();
    if (status.name === 'RUNNING' || status.name === 'COMPLETED') return undefined;
    await client.workflow.getHandle(workflowId, runId).result();
    return undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (error instanceof WorkflowFailedError) return error.cause;
    throw error;
  }
}
