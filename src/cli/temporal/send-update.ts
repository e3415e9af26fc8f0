import {
  type Client,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { rootCause } from '../../contract/failure.ts';
import type { Polled } from '../../workers/pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { noWorkerNote, queuesWithoutWorker } from './task-queue-pollers.ts';

/** What an operator asks of a workflow: an update, its argument, and what it is called in messages, e.g. `retry`. */
export interface Order {
  readonly update: string;
  readonly argument?: unknown;
  readonly what: string;
}

/** How long an answer may take, and what to report if there is none. */
export interface Answering {
  readonly answerSeconds: number;
  /** The task queues that the workflow needs workers on. Default: those of a run. */
  readonly needed?: readonly Polled[];
  /** If they have workers, but none of them answers: what to do. */
  readonly unanswered: string;
  /** If the workflow does not run. Default: Temporal's own error is thrown. */
  readonly notRunning?: string;
}

/**
 * Sends an update to a workflow, waits for its answer, and returns it.
 * @throws CommandError if the workflow refuses it, or no worker answers in time; with `notRunning`, also if it does not run
 */
export async function sendUpdate(
  client: Client,
  workflowId: string,
  { update, argument, what }: Order,
  { answerSeconds, needed, unanswered, notRunning }: Answering,
): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + answerSeconds * 1000, () =>
      argument === undefined
        ? handle.executeUpdate<string, []>(update)
        : handle.executeUpdate<string, [unknown]>(update, { args: [argument] }),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError && notRunning !== undefined) throw failed(notRunning, error);
    if (error instanceof WorkflowUpdateFailedError)
      throw failed(`The ${what} was refused: ${asTypedHere(rootCause(error.cause).message)}`, error);
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const missing = await queuesWithoutWorker(client, Date.now(), needed);
      const why = missing.length > 0 ? noWorkerNote(missing) : unanswered;
      throw failed(`No answer within ${answerSeconds} s. ${why}`, error);
    }
    throw error;
  }
}

const failed = (message: string, cause: unknown) => new CommandError(ExitCode.failed, message, { cause });
