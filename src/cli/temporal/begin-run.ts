import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { CONTROL_TASK_QUEUE, type RefreshInput } from '../../contract/refresh.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/**
 * Starts the workflow of a run, with a description for the Web UI and a memo to find it by.
 * @param config the file that the input's definition comes from, for the commands that the run prints
 * @throws WorkflowExecutionAlreadyStartedError if the run is already in progress.
 */
export async function startRun(
  client: Client,
  workflowId: string,
  input: RefreshInput & { run: string },
  config?: string,
): Promise<void> {
  const { pipeline, run, from, to } = input;
  const phases = from || to ? `, ${from ?? 'plan'} to ${to ?? 'replace'}` : '';
  await client.workflow.start('refreshWarehouse', {
    workflowId,
    taskQueue: CONTROL_TASK_QUEUE,
    args: [input],
    memo: { pipeline, run, ...(config === undefined ? {} : { config }) },
    staticSummary: `${pipeline}, run ${run}${phases}`,
    staticDetails: [
      `Copies the DynamoDB table of pipeline **${pipeline}** into the warehouse, as run \`${run}\`${phases}.`,
      '',
      `See its state: \`tributary status ${run}\`. Retry what failed: \`tributary retry ${run}\`.`,
    ].join('\n'),
  });
}

/**
 * The same, for a command.
 * @throws CommandError if the run is already in progress.
 */
export async function beginRun(
  client: Client,
  workflowId: string,
  input: RefreshInput & { run: string },
  config?: string,
): Promise<void> {
  try {
    await startRun(client, workflowId, input, config);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { pipeline, run } = input;
    throw new CommandError(
      ExitCode.usage,
      `Run ${run} of ${pipeline} is already in progress. Watch it: ${TRIBUTARY} status ${run} --wait`,
      { cause: error },
    );
  }
}
