import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../workflows/messages.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { failureText } from './observe-run.ts';
import { paletteFor } from './palette.ts';
import { noWorkerNote, queuesWithoutWorker } from './task-queue-pollers.ts';

/** Work for a worker that is no run: a workflow to start, and how people and lists know it. */
export interface Work<Input extends { readonly pipeline: string }> {
  readonly type: string;
  readonly workflowId: string;
  readonly input: Input;
  readonly summary: string;
}

/** How long a worker may take to begin before it is looked for. */
const LOOK_FOR_WORKER_MS = 3000;

/** @throws CommandError where a workflow of that id is under way. */
export async function begin<Input extends { readonly pipeline: string }>(
  client: Client,
  work: Work<Input>,
): Promise<void> {
  const { type, workflowId, input, summary } = work;
  try {
    await client.workflow.start(type, {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [input],
      memo: { pipeline: input.pipeline },
      staticSummary: summary,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new CommandError(ExitCode.usage, `The workflow ${workflowId} is under way already: ${summary}.`, {
      cause: error,
    });
  }
}

/**
 * Its result. While no worker takes it up, that is told on stderr, once.
 * @throws CommandError with the root cause where it fails.
 */
export async function resultOf<Output>(client: Client, workflowId: string): Promise<Output> {
  const note = setTimeout(() => void tellMissingWorker(client), LOOK_FOR_WORKER_MS);
  try {
    return (await client.workflow.getHandle(workflowId).result()) as Output;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new CommandError(ExitCode.failed, failureText(error.cause), { cause: error });
  } finally {
    clearTimeout(note);
  }
}

async function tellMissingWorker(client: Client): Promise<void> {
  const missing = await queuesWithoutWorker(client, Date.now()).catch((): string[] => []);
  if (missing.includes(CONTROL_TASK_QUEUE)) {
    process.stderr.write(`${paletteFor(process.stderr).yellow(noWorkerNote([CONTROL_TASK_QUEUE]))}\n`);
  }
}
