import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { undecoded } from '../../activities/temporal/undecoded.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput } from '../../contract/refresh.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { labelOf } from './chosen-pipeline.ts';

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
  const { pipeline, destination, run, from, to } = input;
  const label = labelOf(input);
  const phases = from || to ? `, ${from ?? 'plan'} to ${to ?? 'replace'}` : '';
  await client.workflow.start('refreshWarehouse', {
    workflowId,
    taskQueue: CONTROL_TASK_QUEUE,
    args: [input],
    memo: {
      ...{ pipeline, run, command: TRIBUTARY },
      ...(destination === undefined ? {} : { destination }),
      ...(config === undefined ? {} : { config }),
    },
    staticSummary: `${label}, run ${run}${phases}`,
    staticDetails: [
      `Copies the DynamoDB table of pipeline **${label}** into the warehouse, as run \`${run}\`${phases}.`,
      '',
      `See its state: \`${TRIBUTARY} status ${run}\`. Retry what failed: \`${TRIBUTARY} retry ${run}\`.`,
    ].join('\n'),
  });
}

/**
 * The same, for a command.
 * @throws CommandError if the run is already in progress; or if it completed, and the input names no phase to resume it
 * from: its plan exists, so the workflow would only fail.
 */
export async function beginRun(
  client: Client,
  workflowId: string,
  input: RefreshInput & { run: string },
  config?: string,
): Promise<void> {
  if (input.from === undefined || input.from === 'plan') await refuseCompleted(client, workflowId, input);
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

async function refuseCompleted(
  client: Client,
  workflowId: string,
  { pipeline, run }: { readonly pipeline: string; readonly run: string },
): Promise<void> {
  try {
    const { status } = await undecoded(client).workflow.getHandle(workflowId).describe();
    if (status.name !== 'COMPLETED') return;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return;
    throw error;
  }
  throw new CommandError(
    ExitCode.usage,
    `Run ${run} of ${pipeline} already exists and has completed. Choose another name, or omit --run. ` +
      `To resume this run, name the phase: ${TRIBUTARY} run ${pipeline} --run ${run} --from <phase>`,
  );
}
