import {
  type Client,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { didYouMean } from '../../config/nearest.ts';
import { rootCause } from '../../contract/failure.ts';
import type { InferProgress } from '../../contract/infer.ts';
import { type FanOutProgress, QUERY_PROGRESS, RETRY_SEGMENT, RETRY_TABLE } from '../../contract/refresh.ts';
import { findInference } from '../observe/find-inference.ts';
import { findRun } from '../observe/find-run.ts';
import { observeRun, type RunObservation } from '../observe/observe-run.ts';
import { nextStepOf } from '../observe/run-state.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY } from '../terminal/invocation.ts';

export interface RetryOptions {
  readonly segment?: number;
  readonly table?: string;
  readonly all?: boolean;
  readonly config?: string;
}

const ANSWER_SECONDS = 15;

/** The update to send, with a segment's number or a table's name. Without either it means everything that failed. */
interface Retry {
  readonly update: typeof RETRY_SEGMENT | typeof RETRY_TABLE;
  readonly argument: string | number | undefined;
}

/** Sends the update that retries failed children, and prints the answer of the run or inference. */
export async function retryRun(name: string, options: RetryOptions): Promise<ExitCode> {
  return withTemporal(options.config, async (client) => {
    const inference = await findInference(client, name, options.config);
    if (inference !== undefined) await retryInference(client, inference, name, options);
    else await retryChildren(client, await findRun(client, name, options.config), name, options);
    process.stdout.write(`Watch it: ${TRIBUTARY} status ${name} --wait\n`);
    return ExitCode.done;
  });
}

async function retryChildren(
  client: Client,
  workflowId: string,
  name: string,
  options: RetryOptions,
): Promise<void> {
  const seen = await observeRun(client, workflowId);
  if (seen.closedAt !== undefined)
    throw new CommandError(ExitCode.failed, closedMessage(seen, name, options.config));
  const retry = requested(options, seen);
  const fan = retry.update === RETRY_SEGMENT ? seen.progress?.extract : seen.progress?.load;
  printAnswer(await send(client, workflowId, retry), retry, fan, name);
}

async function retryInference(
  client: Client,
  workflowId: string,
  name: string,
  { segment, table }: RetryOptions,
): Promise<void> {
  if (table !== undefined)
    throw new CommandError(ExitCode.usage, `${name} is an inference. It has segments, and loads no tables.`);
  const handle = client.workflow.getHandle(workflowId);
  const { status, memo } = await handle.describe();
  if (status.name !== 'RUNNING') {
    const again = `${TRIBUTARY} infer ${typeof memo?.pipeline === 'string' ? memo.pipeline : '<pipeline>'}`;
    throw new CommandError(
      ExitCode.failed,
      status.name === 'COMPLETED'
        ? `Inference ${name} is done: there is nothing to retry.`
        : `Inference ${name} has ended (${status.name.toLowerCase()}), so it takes no more requests. Start another: ${again}`,
    );
  }
  const retry: Retry = { update: RETRY_SEGMENT, argument: segment };
  const answer = await send(client, workflowId, retry);
  const progress = await handle.query<InferProgress>(QUERY_PROGRESS).catch(() => undefined);
  printAnswer(answer, retry, progress?.scan, name);
}

/** How a run answers when the request has no effect. */
const REFUSED = /^(?:nothing to retry|the phase has ended)/;

/** @throws CommandError if there is no such child, or the request had no effect. */
export function printAnswer(
  answer: string,
  { update, argument }: Retry,
  fan: FanOutProgress | undefined,
  name: string,
): void {
  // Segments are numbered, so one beyond the last is unknown. Of tables, finished ones are not listed.
  const beyond = typeof argument === 'number' && fan !== undefined && argument >= fan.total;
  if (answer.endsWith(': unknown') || beyond) {
    const kind = update === RETRY_SEGMENT ? 'segment' : 'table';
    const names = (fan?.unfinished ?? []).map(({ child }) => child);
    throw new CommandError(
      ExitCode.usage,
      `${name} has no ${kind} ${argument}${didYouMean(String(argument), names)}. Look at it: ${TRIBUTARY} status ${name}`,
    );
  }
  if (REFUSED.test(answer)) {
    throw new CommandError(
      ExitCode.failed,
      `The retry was refused: ${answer}. Look at it: ${TRIBUTARY} status ${name}`,
    );
  }
  process.stdout.write(`${answer}\n`);
}

/**
 * The requested update. Without an option, the phase of the run decides between segments and tables. If no worker
 * answers in time, the phase comes from the memo, which is written when a phase begins.
 * @throws CommandError if the phase is unknown: the wrong update would be refused as if there were nothing to retry.
 */
export function requested(
  { segment, table }: RetryOptions,
  { progress, summary, workflowId }: Pick<RunObservation, 'progress' | 'summary' | 'workflowId'>,
): Retry {
  if (table !== undefined) return { update: RETRY_TABLE, argument: table };
  if (segment !== undefined) return { update: RETRY_SEGMENT, argument: segment };
  const phase = progress?.phase ?? /^(?:waiting for an operator: )?(\w+)/.exec(summary ?? '')?.[1];
  if (phase === undefined) {
    throw new CommandError(
      ExitCode.failed,
      `The phase of ${workflowId} is not known, because no worker answers. Try again in a few seconds, or say what to ` +
        'retry: --segment <n> or --table <name>.',
    );
  }
  return { update: phase === 'load' ? RETRY_TABLE : RETRY_SEGMENT, argument: undefined };
}

async function send(client: Client, workflowId: string, { update, argument }: Retry): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, () =>
      argument === undefined
        ? handle.executeUpdate<string, []>(update)
        : handle.executeUpdate<string, [string | number]>(update, { args: [argument] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CommandError(
        ExitCode.failed,
        `The retry was refused: ${asTypedHere(rootCause(error.cause).message)}`,
        {
          cause: error,
        },
      );
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const missing = await queuesWithoutWorker(client, Date.now());
      const why =
        missing.length > 0 ? noWorkerNote(missing) : 'Its worker may be busy: try again in a few seconds.';
      throw new CommandError(ExitCode.failed, `No answer within ${ANSWER_SECONDS} s. ${why}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function closedMessage(seen: RunObservation, name: string, config: string | undefined): string {
  const { state, failure } = seen;
  if (state === 'completed') return `Run ${name} is done: there is nothing to retry.`;
  const ended = `Run ${name} has ended (${state}${failure === undefined ? '' : `: ${failure}`}), so it takes no more requests.`;
  const step = nextStepOf(seen, config);
  if (step === undefined) return `${ended} There is nothing to resume.`;
  return `${ended} ${step.resumes ? 'What it extracted is kept. Resume it' : 'Start a new run'}: ${step.command}`;
}
