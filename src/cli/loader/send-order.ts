import {
  type Client,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { rootCause } from '../../contract/failure.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { NEEDED_BY_LOADERS, noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { loadersHere, tableOf } from './loaders-here.ts';

/** What an operator asks of a loader: an update, its argument, and what it is called in messages. */
export interface LoaderOrder {
  readonly update: string;
  readonly argument?: unknown;
  readonly what: string;
}

/** A skip may wait for the batch's files to be entered into the ledger. */
const ANSWER_SECONDS = 60;

/**
 * Sends an order to the loader of a name, waits for its answer, and returns it.
 * @throws CommandError if there is no such loader, it does not run, it refuses, or no worker answers
 */
export async function orderedOf(
  name: string,
  order: LoaderOrder,
  config: string | undefined,
): Promise<string> {
  const { workflowId } = tableOf(await loadersHere(config), name, config);
  return withTemporal(config, (client) => send(client, { workflowId, name }, order));
}

async function send(
  client: Client,
  { workflowId, name }: { readonly workflowId: string; readonly name: string },
  { update, argument, what }: LoaderOrder,
): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, () =>
      argument === undefined
        ? handle.executeUpdate<string, []>(update)
        : handle.executeUpdate<string, [unknown]>(update, { args: [argument] }),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new CommandError(
        ExitCode.failed,
        `Loader ${name} does not run, so it cannot be asked. Start it: ${TRIBUTARY} loader start ${name}${WITH_CONFIG}`,
        { cause: error },
      );
    }
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CommandError(
        ExitCode.failed,
        `The ${what} was refused: ${asTypedHere(rootCause(error.cause).message)}`,
        { cause: error },
      );
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const missing = await queuesWithoutWorker(client, Date.now(), NEEDED_BY_LOADERS);
      const why =
        missing.length > 0
          ? noWorkerNote(missing)
          : `It may still be done: see ${TRIBUTARY} loader status ${name}${WITH_CONFIG}`;
      throw new CommandError(ExitCode.failed, `No answer within ${ANSWER_SECONDS} s. ${why}`, {
        cause: error,
      });
    }
    throw error;
  }
}
