import {
  type Client,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { didYouMean } from '../config/nearest.ts';
import { rootCause } from '../workflows/failure.ts';
import { RETRY_SEGMENT, RETRY_TABLE } from '../workflows/messages.ts';
import { withTemporal } from './command-context.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';
import { observeRun, type RunObservation } from './observe-run.ts';
import type { RetryOptions } from './retry-command.ts';
import { noWorkerNote, queuesWithoutWorker } from './task-queue-pollers.ts';

const ANSWER_SECONDS = 15;

/** Sends the update that starts failed children again, and tells the run's answer. */
export async function retryRun(name: string, options: RetryOptions): Promise<ExitCode> {
  return withTemporal(options.config, async (client) => {
    const workflowId = await findRun(client, name, options.config);
    const seen = await observeRun(client, workflowId);
    if (seen.closedAt !== undefined) throw new CommandError(ExitCode.failed, closedMessage(seen, name));
    const { update, argument } = requested(options, seen);
    const answer = await send(client, workflowId, update, argument);
    if (answer.endsWith(': unknown')) {
      const known =
        (update === RETRY_SEGMENT ? seen.progress?.extract : seen.progress?.load)?.unfinished ?? [];
      const kind = update === RETRY_SEGMENT ? 'segment' : 'table';
      const names = known.map((child) => child.child);
      throw new CommandError(
        ExitCode.usage,
        `The run has no ${kind} ${argument}${didYouMean(String(argument), names)}. Look: npx tributary status ${name}`,
      );
    }
    process.stdout.write(`${answer}\n`);
    process.stdout.write(`Watch it: npx tributary status ${name} --wait\n`);
    return ExitCode.done;
  });
}

function requested({ segment, table }: RetryOptions, { progress }: RunObservation) {
  if (table !== undefined) return { update: RETRY_TABLE, argument: table };
  if (segment !== undefined) return { update: RETRY_SEGMENT, argument: segment };
  return { update: progress?.phase === 'load' ? RETRY_TABLE : RETRY_SEGMENT, argument: undefined };
}

async function send(
  client: Client,
  workflowId: string,
  update: string,
  argument: string | number | undefined,
): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, () =>
      argument === undefined
        ? handle.executeUpdate<string, []>(update)
        : handle.executeUpdate<string, [string | number]>(update, { args: [argument] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CommandError(ExitCode.failed, `The run refused: ${rootCause(error.cause).message}`, {
        cause: error,
      });
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const missing = await queuesWithoutWorker(client, Date.now());
      const why =
        missing.length > 0 ? noWorkerNote(missing) : 'Its worker may be busy; look again in a while.';
      throw new CommandError(ExitCode.failed, `The run did not answer within ${ANSWER_SECONDS} s. ${why}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function closedMessage({ state, failure, run, pipeline }: RunObservation, name: string): string {
  if (state === 'completed') return `Run ${name} is done: there is nothing to retry.`;
  const again = `npx tributary run ${pipeline ?? '<pipeline>'} --run ${run ?? name} --from extract`;
  return (
    `Run ${name} has ended (${state}${failure === undefined ? '' : `: ${failure}`}), so it takes no more requests. ` +
    `What it extracted is kept. Go on with it: ${again}`
  );
}
